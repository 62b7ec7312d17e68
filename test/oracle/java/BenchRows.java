import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.UUID;

import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.Mutation;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;

/**
 * Rows of the table bench.events, the same on every run: INSERTs of all columns by 40,000 accounts, write times 1 to 200
 * microseconds apart, a mutation of about 200 bytes each.
 */
final class BenchRows
{
    private static final int ACCOUNTS = 40_000;
    private static final String[] STATES = { "new", "paid", "packed", "shipped", "delivered", "returned", "cancelled" };
    private static final String[] WORDS = { "amber", "birch", "cobalt", "dune", "ember", "fjord", "grove", "harbour", "indigo", "juniper", "kelp", "lagoon" };

    private final SplittableRandom random = new SplittableRandom(20240229);
    private final TableMetadata table;
    private long timestamp = 1_700_000_000_000_000L;

    BenchRows(TableMetadata table)
    {
        this.table = table;
    }

    Mutation next()
    {
        timestamp += 1 + random.nextInt(200);
        UUID account = new UUID(0x4000L | random.nextInt(ACCOUNTS) * 0x9E3779B97F4A0000L, 0x8000000000000000L | random.nextInt(4));
        DecoratedKey key = table.partitioner.decorateKey(ByteBufferUtil.bytes(account));
        Row.Builder row = BTreeRow.sortedBuilder();
        row.newRow(Clustering.make(ByteBufferUtil.bytes(timeUuid())));
        row.addPrimaryKeyLivenessInfo(LivenessInfo.create(timestamp, 0));
        add(row, "active", ByteBuffer.wrap(new byte[]{ (byte) random.nextInt(2) }));
        add(row, "amount", ByteBufferUtil.bytes((long) random.nextInt(1_000_000) * 100));
        add(row, "at", ByteBufferUtil.bytes(timestamp / 1000 - random.nextInt(5000)));
        add(row, "name", ByteBufferUtil.bytes(word() + ' ' + word() + ' ' + word() + ' ' + word() + ' ' + random.nextInt(1000)));
        add(row, "price", ByteBufferUtil.bytes(random.nextInt(1_000_000) / 100.0));
        add(row, "qty", ByteBufferUtil.bytes(random.nextInt(100)));
        add(row, "ref", ByteBufferUtil.bytes(new UUID(random.nextLong() & ~0xF000L | 0x4000L, random.nextLong() >>> 2 | 0x8000000000000000L)));
        add(row, "state", ByteBufferUtil.bytes(STATES[random.nextInt(STATES.length)]));
        return new Mutation(PartitionUpdate.singleRowUpdate(table, key, row.build()));
    }

    private void add(Row.Builder row, String name, ByteBuffer value)
    {
        ColumnMetadata column = table.getColumn(ByteBufferUtil.bytes(name));
        row.addCell(BufferCell.live(column, timestamp, value));
    }

    private String word()
    {
        return WORDS[random.nextInt(WORDS.length)];
    }

    /** Version 1, of one machine. */
    private UUID timeUuid()
    {
        long ticks = (timestamp + 12_219_292_800_000_000L) * 10 + random.nextInt(10);
        long high = (ticks & 0xFFFFFFFFL) << 32 | (ticks >>> 32 & 0xFFFF) << 16 | 0x1000L | ticks >>> 48 & 0x0FFF;
        return new UUID(high, 0x9123_0A1B_2C3D_4E5FL);
    }
}
