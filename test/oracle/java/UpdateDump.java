import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

import org.apache.cassandra.db.ClusteringPrefix;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.ColumnData;
import org.apache.cassandra.db.rows.ComplexColumnData;
import org.apache.cassandra.db.rows.DeserializationHelper;
import org.apache.cassandra.db.rows.RangeTombstoneMarker;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.db.rows.UnfilteredRowIteratorSerializer;
import org.apache.cassandra.io.util.DataInputPlus;
import org.apache.cassandra.schema.TableId;
import org.apache.cassandra.schema.TableMetadata;

/**
 * UPDATE objects of the raw contract. They are written from what UnfilteredRowIteratorSerializer reads, in the order of the
 * bytes: PartitionUpdate keeps range tombstones apart and makes their markers anew.
 */
final class UpdateDump
{
    private final SchemaSource schema;
    long updates;
    /** Clustering rows and static rows, as far as Cassandra's reader hands them out. */
    long rows;
    /** Without those that Cassandra's reader leaves out because their column was dropped since. */
    long cells;
    long markers;
    /** Items of the updates appended since it was cleared, by table. */
    final Map<TableId, List<Unfiltered>> lastItems = new HashMap<>();

    UpdateDump(SchemaSource schema)
    {
        this.schema = schema;
    }

    /** Reads one update behind its table id and appends it. */
    void append(DumpLine out, TableMetadata table, DataInputPlus in, int version) throws IOException
    {
        UnfilteredRowIteratorSerializer serializer = UnfilteredRowIteratorSerializer.serializer;
        // PRESERVE_SIZE: counter contexts as they stand in the bytes.
        DeserializationHelper.Flag flag = DeserializationHelper.Flag.PRESERVE_SIZE;
        UnfilteredRowIteratorSerializer.Header header = serializer.deserializeHeader(table, null, in, version, flag);
        out.open('{').name("ks").text(table.keyspace).name("tbl").text(table.name).name("id").text(table.id.toString())
           .name("key").bytes(header.key.getKey()).name("token").text(header.key.getToken().toString());
        if (!header.isEmpty)
        {
            try (UnfilteredRowIterator iterator = serializer.deserialize(in, version, table, flag, header))
            {
                appendPartition(out, table, iterator);
            }
        }
        out.close('}');
        updates++;
    }

    private void appendPartition(DumpLine out, TableMetadata table, UnfilteredRowIterator partition)
    {
        appendDeletion(out, "del", partition.partitionLevelDeletion());
        if (!partition.staticRow().isEmpty())
            appendRow(out.name("static"), table, partition.staticRow());
        int before = out.length();
        boolean wasFirst = out.isFirst();
        out.name("items").open('[');
        boolean empty = true;
        List<Unfiltered> items = lastItems.computeIfAbsent(table.id, id -> new ArrayList<>());
        for (; partition.hasNext(); empty = false)
        {
            Unfiltered item = partition.next();
            items.add(item);
            if (item.isRow())
                appendRow(out, table, (Row) item);
            else
                appendMarker(out, (RangeTombstoneMarker) item);
        }
        out.close(']');
        if (empty)
            out.truncate(before, wasFirst);
    }

    private void appendRow(DumpLine out, TableMetadata table, Row row)
    {
        boolean isVisible = !row.primaryKeyLivenessInfo().isEmpty() || !row.deletion().isLive();
        out.open('{').name("t").text("row").name("ck");
        if (row.isStatic())
            out.bytes(null);
        else
            appendClustering(out, row.clustering());
        appendLiveness(out, row.primaryKeyLivenessInfo());
        appendDeletion(out, "del", row.deletion().time());
        if (row.deletion().isShadowable())
            out.name("shadowable").number(1);
        List<ComplexColumnData> deleted = new ArrayList<>();
        int before = out.length();
        boolean wasFirst = out.isFirst();
        long visibleBefore = cells;
        boolean hasCells = false;
        out.name("cells").open('[');
        for (ColumnData data : row)
        {
            if (data.column().isSimple())
                appendCell(out, table, (Cell<?>) data);
            else
                appendComplex(out, table, (ComplexColumnData) data, deleted);
            hasCells |= data.column().isSimple() || ((ComplexColumnData) data).cellsCount() > 0;
        }
        out.close(']');
        if (!hasCells)
            out.truncate(before, wasFirst);
        appendComplexDeletions(out, table, deleted);
        if (isVisible || cells > visibleBefore || deleted.stream().anyMatch(each -> !schema.isHidden(table, each.column(), each.complexDeletion().markedForDeleteAt())))
            rows++;
        out.close('}');
    }

    private void appendComplex(DumpLine out, TableMetadata table, ComplexColumnData data, List<ComplexColumnData> deleted)
    {
        if (!data.complexDeletion().isLive())
            deleted.add(data);
        for (Iterator<? extends Cell<?>> each = data.iterator(); each.hasNext(); )
            appendCell(out, table, each.next());
    }

    private void appendComplexDeletions(DumpLine out, TableMetadata table, List<ComplexColumnData> deleted)
    {
        if (deleted.isEmpty())
            return;
        out.name("cdel").open('[');
        for (ComplexColumnData data : deleted)
        {
            out.open('{').name("c").text(data.column().name.toString());
            appendDeletion(out, "del", data.complexDeletion());
            if (schema.isDropped(table, data.column(), data.complexDeletion().markedForDeleteAt()))
                out.name("dropped").number(1);
            out.close('}');
        }
        out.close(']');
    }

    private void appendCell(DumpLine out, TableMetadata table, Cell<?> cell)
    {
        if (!schema.isHidden(table, cell.column(), cell.timestamp()))
            cells++;
        out.open('{').name("c").text(cell.column().name.toString());
        if (cell.path() != null)
            out.name("p").bytes(cell.path().get(0));
        out.name("ts").number64(cell.timestamp());
        if (cell.ttl() != Cell.NO_TTL)
            out.name("ttl").number(cell.ttl());
        if (cell.localDeletionTime() != Cell.NO_DELETION_TIME)
            out.name("ldt").number(cell.localDeletionTime());
        if (cell.isTombstone())
            out.name("x").number(1);
        else
            out.name("v").bytes(cell.buffer());
        if (schema.isDropped(table, cell.column(), cell.timestamp()))
            out.name("dropped").number(1);
        out.close('}');
    }

    private void appendMarker(DumpLine out, RangeTombstoneMarker marker)
    {
        markers++;
        out.open('{').name("t").text("rt").name("kind").text(marker.clustering().kind().name()).name("ck");
        appendClustering(out, marker.clustering());
        if (marker.isClose(false))
            appendDeletion(out, "close", marker.closeDeletionTime(false));
        if (marker.isOpen(false))
            appendDeletion(out, "open", marker.openDeletionTime(false));
        out.close('}');
    }

    private static void appendClustering(DumpLine out, ClusteringPrefix<?> clustering)
    {
        out.open('[');
        for (int i = 0; i < clustering.size(); i++)
            out.bytes(clustering.bufferAt(i));
        out.close(']');
    }

    private static void appendLiveness(DumpLine out, LivenessInfo liveness)
    {
        if (liveness.isEmpty())
            return;
        out.name("live").open('[').number64(liveness.timestamp());
        if (liveness.isExpiring())
            out.number(liveness.ttl()).number(liveness.localExpirationTime());
        out.close(']');
    }

    private static void appendDeletion(DumpLine out, String name, DeletionTime deletion)
    {
        if (!deletion.isLive())
            out.name(name).open('[').number64(deletion.markedForDeleteAt()).number(deletion.localDeletionTime()).close(']');
    }

    /** Rows and markers as PartitionUpdate gives them back, to compare with those of the bytes. */
    static List<Unfiltered> itemsOf(PartitionUpdate update)
    {
        List<Unfiltered> items = new ArrayList<>();
        try (UnfilteredRowIterator iterator = update.unfilteredIterator())
        {
            while (iterator.hasNext())
                items.add(iterator.next());
        }
        return items;
    }
}
