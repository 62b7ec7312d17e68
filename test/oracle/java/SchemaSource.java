import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.cassandra.cql3.QueryOptions;
import org.apache.cassandra.cql3.UntypedResultSet;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.TimestampType;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.DroppedColumn;
import org.apache.cassandra.schema.KeyspaceMetadata;
import org.apache.cassandra.schema.KeyspaceParams;
import org.apache.cassandra.schema.Keyspaces;
import org.apache.cassandra.schema.Schema;
import org.apache.cassandra.schema.TableId;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.Tables;
import org.apache.cassandra.schema.Types;
import org.apache.cassandra.utils.ByteBufferUtil;

/**
 * Fills Schema.instance, from the system_schema sstables of a node's data directory or from the rows of the system_schema
 * tables as SELECT JSON * gives them. Rows become metadata by SchemaKeyspace's own functions.
 */
final class SchemaSource
{
    private static final Class<?> SCHEMA_KEYSPACE = named("org.apache.cassandra.schema.SchemaKeyspace");
    private static final TableMetadata[] SYSTEM_TABLES = systemTables();

    /** Real drop times, in microseconds, by table and column name: see keepDroppedCells. */
    private final Map<TableId, Map<ByteBuffer, Long>> droppedTimes = new HashMap<>();
    /** Ids of the tables that the given schema holds; the system's own tables may be missing from it. */
    final Set<TableId> given = new HashSet<>();

    /** From the data directory that OracleNode was started with. */
    void loadFromData()
    {
        Keyspaces keyspaces = (Keyspaces) call("fetchNonSystemKeyspaces");
        keyspaces.forEach(this::load);
    }

    /** From a file {"keyspaces":[..],"tables":[..],"columns":[..],"dropped_columns":[..],"types":[..],"views":[..]}. */
    void loadFromJson(Path file) throws Exception
    {
        Map<String, List<Map<String, Object>>> json = new ObjectMapper().readValue(file.toFile(), HashMap.class);
        Map<String, List<UntypedResultSet.Row>> rows = new HashMap<>();
        json.forEach((table, objects) -> rows.put(table, objects.stream().map(object -> row(table, object)).toList()));
        Set<String> keyspaces = new LinkedHashSet<>();
        for (String table : List.of("tables", "views"))
            for (UntypedResultSet.Row row : rows.getOrDefault(table, List.of()))
            {
                keyspaces.add(row.getString("keyspace_name"));
                given.add(TableId.fromUUID(row.getUUID("id")));
            }
        for (String keyspace : keyspaces)
            if (!keyspace.equals("system") && !keyspace.equals("system_schema"))
                load(keyspace(keyspace, rows));
    }

    /** Whether Cassandra leaves the cell out when it reads: its column was dropped after it was written. */
    boolean isHidden(TableMetadata table, ColumnMetadata column, long timestamp)
    {
        Long time = droppedTime(table, column);
        return time != null && timestamp <= time;
    }

    /** Whether the cell is hidden, or of a column that the table no longer has. */
    boolean isDropped(TableMetadata table, ColumnMetadata column, long timestamp)
    {
        Long time = droppedTime(table, column);
        return time != null && (timestamp <= time || table.getColumn(column.name.bytes) == null);
    }

    private Long droppedTime(TableMetadata table, ColumnMetadata column)
    {
        return droppedTimes.getOrDefault(table.id, Map.of()).get(column.name.bytes);
    }

    private void load(KeyspaceMetadata keyspace)
    {
        keyspace.tablesAndViews().forEach(this::keepDroppedCells);
        try
        {
            Method load = Schema.class.getDeclaredMethod("load", KeyspaceMetadata.class);
            load.setAccessible(true);
            load.invoke(Schema.instance, keyspace);
        }
        catch (ReflectiveOperationException e)
        {
            throw new IllegalStateException(e);
        }
    }

    /**
     * DeserializationHelper leaves out cells no newer than the drop of their column; the dump shows them, marked. So every
     * drop is moved before all time and the real moment kept here.
     */
    private void keepDroppedCells(TableMetadata table)
    {
        Map<ByteBuffer, Long> times = new HashMap<>();
        for (Map.Entry<ByteBuffer, DroppedColumn> entry : table.droppedColumns.entrySet())
        {
            times.put(entry.getKey(), entry.getValue().droppedTime);
            setField(entry.getValue(), "droppedTime", Long.MIN_VALUE);
        }
        if (!times.isEmpty())
            droppedTimes.put(table.id, times);
    }

    private KeyspaceMetadata keyspace(String keyspace, Map<String, List<UntypedResultSet.Row>> rows)
    {
        Types.RawBuilder rawTypes = Types.rawBuilder(keyspace);
        for (UntypedResultSet.Row row : of(rows, "types", keyspace, null))
            rawTypes.add(row.getString("type_name"), row.getFrozenList("field_names", UTF8Type.instance), row.getFrozenList("field_types", UTF8Type.instance));
        Types types = rawTypes.build();
        Tables.Builder tables = Tables.builder();
        for (UntypedResultSet.Row row : of(rows, "tables", keyspace, null))
            tables.add(table(keyspace, row.getString("table_name"), row, types, rows));
        for (UntypedResultSet.Row row : of(rows, "views", keyspace, null))
            tables.add(table(keyspace, row.getString("view_name"), row, types, rows));
        return KeyspaceMetadata.create(keyspace, KeyspaceParams.simple(1), tables.build());
    }

    private static TableMetadata table(String keyspace, String name, UntypedResultSet.Row row, Types types, Map<String, List<UntypedResultSet.Row>> rows)
    {
        TableMetadata.Builder builder = TableMetadata.builder(keyspace, name, TableId.fromUUID(row.getUUID("id")));
        if (row.has("flags"))
            builder.flags(TableMetadata.Flag.fromStringSet(row.getFrozenSet("flags", UTF8Type.instance)));
        else
            builder.kind(TableMetadata.Kind.VIEW);
        List<ColumnMetadata> columns = new ArrayList<>();
        for (UntypedResultSet.Row column : of(rows, "columns", keyspace, name))
            columns.add((ColumnMetadata) call("createColumnFromRow", column, types, null));
        Map<ByteBuffer, DroppedColumn> dropped = new HashMap<>();
        for (UntypedResultSet.Row each : of(rows, "dropped_columns", keyspace, name))
        {
            DroppedColumn column = (DroppedColumn) call("createDroppedColumnFromRow", each);
            dropped.put(column.column.name.bytes, column);
        }
        return builder.addColumns(columns).droppedColumns(dropped).build();
    }

    private static List<UntypedResultSet.Row> of(Map<String, List<UntypedResultSet.Row>> rows, String table, String keyspace, String name)
    {
        return rows.getOrDefault(table, List.of()).stream()
                   .filter(row -> row.getString("keyspace_name").equals(keyspace) && (name == null || row.getString("table_name").equals(name)))
                   .toList();
    }

    /** One row of a system_schema table, its values serialized by the column's own type; columns unknown here are left out. */
    private static UntypedResultSet.Row row(String table, Map<String, Object> object)
    {
        TableMetadata metadata = Arrays.stream(SYSTEM_TABLES).filter(each -> each.name.equals(table)).findFirst().orElse(null);
        Map<String, ByteBuffer> data = new HashMap<>();
        if (metadata != null)
            object.forEach((name, value) -> {
                ColumnMetadata column = metadata.getColumn(ByteBufferUtil.bytes(name));
                if (column != null && value != null)
                    data.put(name, serialize(column.type, value));
            });
        return new UntypedResultSet.Row(data);
    }

    private static ByteBuffer serialize(AbstractType<?> type, Object value)
    {
        // SELECT JSON writes the farthest drop time as +294247-01-10 ..; Cassandra reads it back only without the sign.
        boolean isFarTime = type instanceof TimestampType && value instanceof String && ((String) value).startsWith("+");
        return type.fromJSONObject(isFarTime ? ((String) value).substring(1) : value).bindAndGet(QueryOptions.DEFAULT);
    }

    private static TableMetadata[] systemTables()
    {
        KeyspaceMetadata keyspace = (KeyspaceMetadata) call("metadata");
        List<TableMetadata> tables = new ArrayList<>();
        keyspace.tables.forEach(tables::add);
        return tables.toArray(new TableMetadata[0]);
    }

    /** A static function of SchemaKeyspace, whose visibility and trailing parameters differ between releases. */
    private static Object call(String name, Object... args)
    {
        Method method = Arrays.stream(SCHEMA_KEYSPACE.getDeclaredMethods())
                              .filter(each -> each.getName().equals(name) && each.getParameterCount() <= args.length)
                              .findFirst().orElseThrow();
        method.setAccessible(true);
        try
        {
            return method.invoke(null, Arrays.copyOf(args, method.getParameterCount()));
        }
        catch (InvocationTargetException e)
        {
            throw new IllegalStateException(e.getCause());
        }
        catch (IllegalAccessException e)
        {
            throw new IllegalStateException(e);
        }
    }

    private static void setField(Object object, String name, Object value)
    {
        try
        {
            Field field = object.getClass().getDeclaredField(name);
            field.setAccessible(true);
            field.set(object, value);
        }
        catch (ReflectiveOperationException e)
        {
            throw new IllegalStateException(e);
        }
    }

    private static Class<?> named(String name)
    {
        try
        {
            return Class.forName(name);
        }
        catch (ClassNotFoundException e)
        {
            throw new IllegalStateException(e);
        }
    }
}
