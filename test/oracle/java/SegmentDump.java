import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.cassandra.db.Mutation;
import org.apache.cassandra.db.commitlog.CommitLogDescriptor;
import org.apache.cassandra.db.commitlog.CommitLogPosition;
import org.apache.cassandra.db.commitlog.CommitLogReadHandler;
import org.apache.cassandra.db.commitlog.CommitLogReader;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.io.util.DataInputBuffer;
import org.apache.cassandra.schema.Schema;
import org.apache.cassandra.schema.TableId;
import org.apache.cassandra.schema.TableMetadata;

/** Lines of the raw contract for one segment after another: CommitLogReader finds and checks the entries. */
final class SegmentDump extends CommitLogReader implements CommitLogReadHandler
{
    /** Size and two checksums around an entry's bytes. */
    private static final int ENTRY_OVERHEAD = 12;

    private final SchemaSource schema;
    private final boolean onlySchemaTables;
    private final PrintStream out;
    private final UpdateDump updates;
    private final Map<String, Integer> unknown = new LinkedHashMap<>();
    private long sections;
    private long entries;
    private long damaged;

    private Path path;
    private List<Sections.Broken> broken;
    private int brokenSeen;
    private boolean isEncrypted;
    /** CommitLogReader leaves unreadable sections out of its positions; the contract counts them. */
    private long shift;
    /** The entry in hand, or null. */
    private Sections.Entry entry;
    private Mutation mutation;
    private boolean hasFailed;

    SegmentDump(SchemaSource schema, boolean onlySchemaTables, PrintStream out)
    {
        this.schema = schema;
        this.onlySchemaTables = onlySchemaTables;
        this.out = out;
        this.updates = new UpdateDump(schema);
    }

    void dump(Path segment) throws Exception
    {
        path = segment;
        brokenSeen = 0;
        shift = 0;
        broken = List.of();
        try (Sections walk = Sections.open(segment))
        {
            isEncrypted = walk.isEncrypted;
            long before = sections;
            broken = walk.walk((section, index) -> ++sections > before);
            sections += broken.size();
        }
        catch (IOException | RuntimeException e)
        {
            // The reader below says what is wrong with the descriptor.
        }
        try
        {
            read(segment);
        }
        catch (BadMarker e)
        {
            // Said already; nothing behind it can be found.
        }
        catch (Throwable t)
        {
            goOn(t);
        }
    }

    void printSum(int segments)
    {
        DumpLine line = new DumpLine().open('{').name("k").text("sum").name("segments").number(segments).name("sections").number(sections)
            .name("entries").number(entries).name("updates").number(updates.updates).name("rows").number(updates.rows)
            .name("cells").number(updates.cells).name("markers").number(updates.markers).name("unknown").open('{');
        unknown.forEach((id, count) -> line.name(id).number(count));
        out.println(line.close('}').name("damaged").number(damaged).close('}'));
    }

    /** CommitLogReader.readCommitLogSegment, whose File class differs between releases. */
    private void read(Path segment) throws Throwable
    {
        Object file = OracleNode.file(segment);
        Method read = Arrays.stream(CommitLogReader.class.getMethods())
                            .filter(each -> each.getName().equals("readCommitLogSegment") && each.getParameterCount() == 3)
                            .findFirst().orElseThrow();
        try
        {
            read.invoke(this, this, file, true);
        }
        catch (java.lang.reflect.InvocationTargetException e)
        {
            throw e.getCause();
        }
    }

    /** After a section whose failure CommitLogReader does not survive: its own readSection on each section behind. */
    private void goOn(Throwable failure) throws Exception
    {
        if (brokenSeen >= broken.size())
        {
            printDamage(codeOf(String.valueOf(failure)), -1, null, String.valueOf(failure));
            return;
        }
        int failed = broken.get(brokenSeen).index;
        brokenSection(String.valueOf(failure));
        try (Sections walk = Sections.open(path))
        {
            walk.walk((section, index) -> {
                while (brokenSeen < broken.size() && broken.get(brokenSeen).index < index)
                    brokenSection(String.valueOf(failure));
                if (index > failed)
                    readSection(section.input, section.endPosition, walk.descriptor);
                return true;
            });
        }
    }

    private void readSection(Object input, int end, CommitLogDescriptor descriptor) throws IOException
    {
        try
        {
            Class<?> trackerType = Class.forName("org.apache.cassandra.db.commitlog.CommitLogReader$ReadStatusTracker");
            var constructor = trackerType.getDeclaredConstructor(int.class, boolean.class);
            constructor.setAccessible(true);
            Method method = Arrays.stream(CommitLogReader.class.getDeclaredMethods()).filter(each -> each.getName().equals("readSection")).findFirst().orElseThrow();
            method.setAccessible(true);
            method.invoke(this, this, input, CommitLogPosition.NONE, end, constructor.newInstance(ALL_MUTATIONS, true), descriptor);
        }
        catch (ReflectiveOperationException e)
        {
            throw new IOException(e);
        }
    }

    private void brokenSection(String message)
    {
        Sections.Broken section = broken.get(brokenSeen++);
        shift += section.missing;
        printDamage(isEncrypted ? "section_decrypt" : "section_decompress", section.marker, null, message);
    }

    @Override
    protected void readMutation(CommitLogReadHandler handler, byte[] bytes, int size, CommitLogPosition minPosition, int end, CommitLogDescriptor descriptor) throws IOException
    {
        entries++;
        entry = new Sections.Entry(end + shift - size - ENTRY_OVERHEAD, Arrays.copyOf(bytes, size));
        mutation = null;
        hasFailed = false;
        super.readMutation(handler, bytes, size, minPosition, end, descriptor);
        if (!hasFailed)
            printMutation(descriptor.getMessagingVersion());
        entry = null;
    }

    @Override
    public void handleMutation(Mutation read, int size, int entryLocation, CommitLogDescriptor descriptor)
    {
        mutation = read;
    }

    /** CommitLogReader took the entry, or met a table that it doesn't know; the updates are read once more for their bytes' order. */
    private void printMutation(int version) throws IOException
    {
        DumpLine list = new DumpLine();
        String unknownId = null;
        try (DataInputBuffer in = new DataInputBuffer(entry.bytes))
        {
            int count = (int) in.readUnsignedVInt();
            for (int i = 0; i < count && unknownId == null; i++)
            {
                TableId id = TableId.deserialize(in);
                TableMetadata table = Schema.instance.getTableMetadata(id);
                if (table == null || onlySchemaTables && !schema.given.contains(id))
                    unknownId = id.toString();
                else
                    updates.append(list, table, in, version);
            }
        }
        if (unknownId == null && mutation == null)
            throw new IllegalStateException("CommitLogReader gave no mutation for the entry at " + entry.start + " of " + path);
        if (mutation != null)
            compareWith(mutation);
        String head = unknownId == null ? "m" : "u";
        DumpLine line = head(head).name("end").number(end()).name("size").number(entry.bytes.length).name("h").text(DumpLine.hash(entry.bytes, entry.bytes.length));
        if (unknownId != null)
        {
            unknown.merge(unknownId, 1, Integer::sum);
            line.name("id").text(unknownId);
        }
        String rest = list.length() == 0 ? "" : ",\"u\":[" + list + "]";
        out.println(line + rest + "}");
    }

    /** Says on standard error where PartitionUpdate gives other rows or markers than the bytes have. */
    private void compareWith(Mutation read)
    {
        for (PartitionUpdate update : read.getPartitionUpdates())
        {
            List<?> ofBytes = updates.lastItems.remove(update.metadata().id);
            if (ofBytes != null && !ofBytes.equals(UpdateDump.itemsOf(update)))
                System.err.println("PartitionUpdate differs from the bytes at " + entry.start + " of " + path + ":\n " + ofBytes + "\n " + UpdateDump.itemsOf(update));
        }
        updates.lastItems.clear();
    }

    /** False: reading goes on wherever CommitLogReader can. */
    @Override
    public boolean shouldSkipSegmentOnError(CommitLogReadException exception) throws IOException
    {
        String message = exception.getMessage();
        String code = codeOf(message);
        long position = positionIn(message);
        Sections.Entry refused = code.equals("entry_crc") ? Sections.entryAt(path, position) : null;
        printDamage(code, position < 0 ? -1 : position + shift, refused, message);
        return false;
    }

    @Override
    public void handleUnrecoverableError(CommitLogReadException exception) throws IOException
    {
        String message = String.valueOf(exception.getMessage());
        String code = codeOf(message);
        if (entry != null)
        {
            hasFailed = true;
            printDamage(code, entry.start, entry, message.replaceFirst("saved to \\S+\\s+", ""));
        }
        else if (code.startsWith("marker_"))
        {
            printDamage(code, positionIn(message), null, message);
            throw new BadMarker();
        }
        else if (code.equals("section_decompress") && brokenSeen < broken.size())
            brokenSection(message);
        else
            printDamage(code, code.startsWith("descriptor") ? 0 : -1, null, message);
    }

    private void printDamage(String code, long position, Sections.Entry at, String message)
    {
        damaged++;
        long size = at == null ? -1 : at.bytes.length;
        long end = at == null ? -1 : position + size + ENTRY_OVERHEAD;
        DumpLine line = head("e").name("code").text(code).name("position").number(position).name("end").number(end).name("size").number(size);
        if (at != null)
            line.name("h").text(DumpLine.hash(at.bytes, at.bytes.length));
        out.println(line.name("message").text(message.replace(path.getParent() + "/", "")).close('}'));
    }

    private DumpLine head(String kind)
    {
        return new DumpLine().open('{').name("k").text(kind).name("seg").text(path.getFileName().toString())
                             .name("segId").number64(CommitLogDump.segmentId(path));
    }

    private long end()
    {
        return entry.start + entry.bytes.length + ENTRY_OVERHEAD;
    }

    /** Our name for what CommitLogReader and CommitLogSegmentReader say only in words. */
    private static String codeOf(String message)
    {
        if (message.startsWith("Could not read commit log descriptor")) return "descriptor_crc";
        if (message.startsWith("Segment id mismatch")) return "descriptor_id_mismatch";
        if (message.contains("Cannot parse the version of the file")) return "descriptor_not_a_segment";
        if (message.contains("Unknown commitlog version")) return "descriptor_version";
        if (message.startsWith("Encountered bad header")) return message.contains("bad position") ? "marker_position" : "marker_crc";
        if (message.startsWith("Invalid mutation size")) return "entry_size";
        if (message.startsWith("Mutation size checksum failure")) return "entry_size_crc";
        if (message.startsWith("Unexpected end of segment")) return "entry_truncated";
        if (message.startsWith("Mutation checksum failure")) return "entry_crc";
        if (message.startsWith("Unexpected error deserializing mutation")) return "mutation_malformed";
        return "section_decompress";
    }

    private static long positionIn(String message)
    {
        var matcher = java.util.regex.Pattern.compile(" at (?:position )?(\\d+)").matcher(message);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
    }

    /** Ends the reading of a segment. */
    private static final class BadMarker extends EOFException
    {
        private static final long serialVersionUID = 1;
    }
}
