import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.apache.cassandra.db.Mutation;
import org.apache.cassandra.db.commitlog.CommitLogDescriptor;
import org.apache.cassandra.db.commitlog.CommitLogReadHandler;
import org.apache.cassandra.db.commitlog.CommitLogReader;
import org.apache.cassandra.io.util.DataOutputBuffer;
import org.apache.cassandra.net.MessagingService;
import org.apache.cassandra.schema.Schema;

/**
 * Makes commit-log segments by Cassandra's own serializers, without a server.
 *
 * usage: SegmentWriter --out DIR --schema schema.json [--modes plain,LZ4,..] [--descriptor 6|7|8] [--segment-bytes N]
 *        [--section-bytes N] [--first-id N] [--keystore FILE ..] (--rows N | SEGMENT..)
 *
 * --rows N writes N rows into the table bench.events of the schema. SEGMENT.. are read, and their mutations serialized again
 * for the descriptor's version (6: as Cassandra 3.x did; 4.x can still do it); those of tables that the schema lacks are left
 * out. Several modes go into DIR/MODE each, one mode into DIR. Prints entries and bytes by mode.
 */
public final class SegmentWriter
{
    private final OracleNode.Settings settings = new OracleNode.Settings();
    private final SegmentLog.Options template = new SegmentLog.Options();
    private final List<Path> segments = new ArrayList<>();
    private List<String> modes = List.of("plain");
    private Path schemaFile;
    private int rows;

    public static void main(String[] args) throws Exception
    {
        new SegmentWriter().run(args);
        System.exit(0);
    }

    private void run(String[] args) throws Exception
    {
        parse(args);
        OracleNode.start(settings);
        new SchemaSource().loadFromJson(schemaFile);
        List<SegmentLog> logs = new ArrayList<>();
        for (String mode : modes)
            logs.add(new SegmentLog(optionsFor(mode)));
        int version = messagingVersion(template.descriptorVersion);
        long bytes = 0;
        if (segments.isEmpty())
        {
            BenchRows source = new BenchRows(Schema.instance.getTableMetadata("bench", "events"));
            for (int i = 0; i < rows; i++)
                bytes += write(source.next(), logs, version);
        }
        else
            for (Path segment : segments)
                bytes += rewrite(segment, logs, version);
        for (SegmentLog log : logs)
            log.close();
        for (int i = 0; i < modes.size(); i++)
            System.out.println(modes.get(i) + " entries=" + logs.get(i).entries + " bytes=" + bytes);
    }

    private void parse(String[] args)
    {
        for (int i = 0; i < args.length; i++)
        {
            String value = i + 1 < args.length ? args[i + 1] : "";
            if (!args[i].startsWith("--"))
            {
                segments.add(Path.of(args[i]).toAbsolutePath());
                continue;
            }
            if (!takeOwn(args[i], value) && !settings.take(args[i], value))
                throw new IllegalArgumentException("unknown option " + args[i]);
            i++;
        }
    }

    private boolean takeOwn(String option, String value)
    {
        switch (option)
        {
            case "--out": template.directory = Path.of(value).toAbsolutePath(); return true;
            case "--schema": schemaFile = Path.of(value); return true;
            case "--modes": modes = List.of(value.split(",")); return true;
            case "--descriptor": template.descriptorVersion = Integer.parseInt(value); return true;
            case "--segment-bytes": template.segmentSize = Integer.parseInt(value); return true;
            case "--section-bytes": template.sectionSize = Integer.parseInt(value); return true;
            case "--first-id": template.firstId = Long.parseLong(value); return true;
            case "--rows": rows = Integer.parseInt(value); return true;
            default: return false;
        }
    }

    private SegmentLog.Options optionsFor(String mode)
    {
        SegmentLog.Options options = new SegmentLog.Options();
        options.directory = modes.size() == 1 ? template.directory : template.directory.resolve(mode);
        options.mode = mode;
        options.descriptorVersion = template.descriptorVersion;
        options.segmentSize = template.segmentSize;
        options.sectionSize = template.sectionSize;
        options.firstId = template.firstId;
        return options;
    }

    private static int write(Mutation mutation, List<SegmentLog> logs, int version) throws IOException
    {
        try (DataOutputBuffer out = new DataOutputBuffer())
        {
            Mutation.serializer.serialize(mutation, out, version);
            for (SegmentLog log : logs)
                log.add(out.getData(), out.getLength());
            return out.getLength();
        }
    }

    private static long rewrite(Path segment, List<SegmentLog> logs, int version) throws Exception
    {
        long[] bytes = new long[1];
        CommitLogReadHandler handler = new CommitLogReadHandler()
        {
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

            @Override
            public void handleMutation(Mutation mutation, int size, int entryLocation, CommitLogDescriptor descriptor)
            {
                try
                {
                    bytes[0] += write(mutation, logs, version);
                }
                catch (IOException e)
                {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        };
        Method read = Arrays.stream(CommitLogReader.class.getMethods())
                            .filter(each -> each.getName().equals("readCommitLogSegment") && each.getParameterCount() == 3)
                            .findFirst().orElseThrow();
        read.invoke(new CommitLogReader(), handler, OracleNode.file(segment), true);
        return bytes[0];
    }

    /** By name: 5.0 has no VERSION_30 that it can write, 4.x no VERSION_50. */
    private static int messagingVersion(int descriptorVersion) throws ReflectiveOperationException
    {
        String name = descriptorVersion == 6 ? "VERSION_30" : descriptorVersion == 7 ? "VERSION_40" : "VERSION_50";
        return MessagingService.class.getField(name).getInt(null);
    }
}
