import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Prints the raw contract of `inspect --dump` with Cassandra's own commit-log reader.
 *
 * usage: CommitLogDump (--data DIR | --schema schema.json) [--only-schema-tables] [--keystore FILE [--keystore-password P]
 *        [--key-password P]] [--compatibility MODE] SEGMENT..
 *
 * Definitions where the contract leaves room: `rows` counts clustering rows and static rows, `cells` those of both, as
 * far as Cassandra hands them out (not those of columns dropped since, which the lines show); `entries` counts every entry whose checksums hold; `updates` includes those decoded before an
 * unknown table; `sections` counts every sync section whose marker holds, empty and unreadable ones too.
 */
public final class CommitLogDump
{
    private final OracleNode.Settings settings = new OracleNode.Settings();
    private final List<Path> segments = new ArrayList<>();
    private Path schemaFile;
    private boolean onlySchemaTables;

    public static void main(String[] args) throws Exception
    {
        new CommitLogDump().run(args);
        // Cassandra's classes leave threads behind.
        System.exit(0);
    }

    private void run(String[] args) throws Exception
    {
        parse(args);
        OracleNode.start(settings);
        SchemaSource schema = new SchemaSource();
        if (schemaFile != null)
            schema.loadFromJson(schemaFile);
        else
            schema.loadFromData();
        try (PrintStream out = new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 20), false, StandardCharsets.UTF_8))
        {
            SegmentDump dump = new SegmentDump(schema, onlySchemaTables, out);
            for (Path segment : segments)
                dump.dump(segment);
            dump.printSum(segments.size());
        }
    }

    private void parse(String[] args)
    {
        for (int i = 0; i < args.length; i++)
        {
            if (args[i].equals("--only-schema-tables"))
                onlySchemaTables = true;
            else if (args[i].equals("--schema"))
                schemaFile = Path.of(args[++i]);
            else if (!args[i].startsWith("--"))
                segments.add(Path.of(args[i]).toAbsolutePath());
            else if (!settings.take(args[i], args[++i]))
                throw new IllegalArgumentException("unknown option " + args[i - 1]);
        }
        if ((schemaFile == null) == (settings.data == null))
            throw new IllegalArgumentException("give one of --data DIR and --schema FILE");
        if (segments.isEmpty())
            throw new IllegalArgumentException("give segment files");
        segments.sort(Comparator.comparingLong(CommitLogDump::segmentId).thenComparing(Path::getFileName));
    }

    /** The last number of the name; -1 when there is none. */
    static long segmentId(Path path)
    {
        String[] parts = path.getFileName().toString().replaceFirst("\\.log$", "").split("-");
        try
        {
            return Long.parseLong(parts[parts.length - 1]);
        }
        catch (NumberFormatException e)
        {
            return -1;
        }
    }
}
