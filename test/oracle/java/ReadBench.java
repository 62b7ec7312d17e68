import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;

import com.sun.management.OperatingSystemMXBean;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.Mutation;
import org.apache.cassandra.db.commitlog.CommitLogDescriptor;
import org.apache.cassandra.db.commitlog.CommitLogReadHandler;
import org.apache.cassandra.db.commitlog.CommitLogReader;
import org.apache.cassandra.db.marshal.ValueAccessor;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.ColumnData;
import org.apache.cassandra.db.rows.ComplexColumnData;
import org.apache.cassandra.db.rows.Row;

/**
 * Reads segments with CommitLogReader and a handler that walks every row and touches every value. Each line of standard
 * input names a directory, whose segments are read once, in order; the answer is one line of JSON: what was found, and the
 * seconds that it took.
 *
 * usage: ReadBench --schema schema.json
 */
public final class ReadBench implements CommitLogReadHandler
{
    private final Method read = Arrays.stream(CommitLogReader.class.getMethods())
                                      .filter(each -> each.getName().equals("readCommitLogSegment") && each.getParameterCount() == 3)
                                      .findFirst().orElseThrow();
    private long bytes;
    private long mutations;
    private long rows;
    private long cells;
    private long valueBytes;
    /** Order-sensitive, over lengths and end bytes of all keys and values, modulo 2^32. */
    private int checksum;

    public static void main(String[] args) throws Exception
    {
        OracleNode.start(new OracleNode.Settings());
        new SchemaSource().loadFromJson(Path.of(args[1]));
        ReadBench bench = new ReadBench();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine())
            System.out.println(bench.pass(new File(line)));
        System.exit(0);
    }

    private String pass(File directory) throws ReflectiveOperationException
    {
        bytes = mutations = rows = cells = valueBytes = checksum = 0;
        File[] segments = directory.listFiles((parent, name) -> name.endsWith(".log"));
        Arrays.sort(segments);
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = system.getProcessCpuTime();
        long start = System.nanoTime();
        for (File segment : segments)
            read.invoke(new CommitLogReader(), this, OracleNode.file(segment.toPath()), false);
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
        return String.format("{\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"bytes\":%d,\"mutations\":%d,\"rows\":%d,\"cells\":%d,\"valueBytes\":%d,\"checksum\":%d}",
                             seconds, cpuSeconds, bytes, mutations, rows, cells, valueBytes, checksum);
    }

    @Override
    public void handleMutation(Mutation mutation, int size, int entryLocation, CommitLogDescriptor descriptor)
    {
        mutations++;
        bytes += size + 12;
        for (PartitionUpdate update : mutation.getPartitionUpdates())
        {
            touch(update.partitionKey().getKey());
            if (!update.staticRow().isEmpty())
                walk(update.staticRow());
            for (Row row : update)
                walk(row);
        }
    }

    private void walk(Row row)
    {
        rows++;
        touchAll(row.clustering());
        for (ColumnData data : row)
        {
            if (data.column().isSimple())
                touch((Cell<?>) data);
            else
                for (Cell<?> cell : (ComplexColumnData) data)
                    touch(cell);
        }
    }

    private <V> void touchAll(Clustering<V> clustering)
    {
        for (int i = 0; i < clustering.size(); i++)
            touch(clustering.accessor(), clustering.get(i));
    }

    private <V> void touch(Cell<V> cell)
    {
        cells++;
        touch(cell.accessor(), cell.value());
    }

    private void touch(java.nio.ByteBuffer value)
    {
        touch(org.apache.cassandra.db.marshal.ByteBufferAccessor.instance, value);
    }

    private <V> void touch(ValueAccessor<V> accessor, V value)
    {
        int length = accessor.size(value);
        valueBytes += length;
        checksum = checksum * 31 + length;
        if (length > 0)
            checksum = (checksum * 31 + accessor.getByte(value, 0)) * 31 + accessor.getByte(value, length - 1);
    }

    @Override
    public boolean shouldSkipSegmentOnError(CommitLogReadException exception) throws IOException
    {
        throw exception;
    }

    @Override
    public void handleUnrecoverableError(CommitLogReadException exception) throws IOException
    {
        throw exception;
    }
}
