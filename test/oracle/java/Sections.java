import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.db.Mutation;
import org.apache.cassandra.db.commitlog.CommitLogDescriptor;
import org.apache.cassandra.db.commitlog.CommitLogReadHandler;
import org.apache.cassandra.db.commitlog.CommitLogSegmentReader;
import org.apache.cassandra.io.util.RandomAccessReader;

/**
 * The sections of one segment as Cassandra's segment reader cuts them, walked without their mutations: their number, where
 * the unreadable ones stand, and the bytes of an entry that the commit-log reader refused.
 */
final class Sections extends CommitLogSegmentReader implements AutoCloseable
{
    /** A section whose marker holds but whose body can't be had. */
    static final class Broken
    {
        /** Offset in the file of the section's marker. */
        final int marker;
        /** Bytes of it that Cassandra's positions behind it leave out, because its segmenter failed half-way. */
        final int missing;
        /** Sections before it. */
        final int index;

        Broken(int marker, int missing, int index)
        {
            this.marker = marker;
            this.missing = missing;
            this.index = index;
        }
    }

    /** Size and bytes of an entry. */
    static final class Entry
    {
        final long start;
        final byte[] bytes;

        Entry(long start, byte[] bytes)
        {
            this.start = start;
            this.bytes = bytes;
        }
    }

    private static final int SYNC_MARKER = 8;

    private final RandomAccessReader reader;
    final boolean isEncrypted;
    final CommitLogDescriptor descriptor;

    private Sections(CommitLogDescriptor descriptor, RandomAccessReader reader)
    {
        super(STOP_AT_BAD_MARKER, descriptor, reader, false);
        this.descriptor = descriptor;
        this.reader = reader;
        this.isEncrypted = descriptor.getEncryptionContext().isEnabled();
    }

    static Sections open(Path path) throws IOException
    {
        RandomAccessReader reader = openReader(path);
        try
        {
            CommitLogDescriptor descriptor = CommitLogDescriptor.readHeader(reader, DatabaseDescriptor.getEncryptionContext());
            if (descriptor == null)
                throw new IOException("no descriptor in " + path);
            return new Sections(descriptor, reader);
        }
        catch (Throwable t)
        {
            reader.close();
            throw t;
        }
    }

    interface Visitor
    {
        /** Gets each readable section with its number; false ends the walk. */
        boolean visit(SyncSegment section, int index) throws IOException;
    }

    /** Walks all sections up to a bad marker; answers the unreadable ones. */
    List<Broken> walk(Visitor visitor)
    {
        List<Broken> broken = new ArrayList<>();
        Iterator<SyncSegment> sections = iterator();
        for (int index = 0; ; index++)
        {
            int marker = end;
            boolean isCut = false;
            try
            {
                if (!sections.hasNext())
                    return broken;
                SyncSegment section = sections.next();
                isCut = true;
                if (isEncrypted)
                    drain(section);
                if (!visitor.visit(section, index))
                    return broken;
            }
            catch (Throwable t)
            {
                if (end == marker)
                    return broken;
                broken.add(new Broken(marker, isCut ? 0 : lengthAt(marker) + (isEncrypted ? 0 : SYNC_MARKER), index));
                // A failed iterator stays failed; a new one goes on behind the section.
                sections = iterator();
            }
        }
    }

    /** The entry that starts at a position of the uncompressed stream, or null. */
    static Entry entryAt(Path path, long position) throws IOException
    {
        Entry[] found = new Entry[1];
        try (Sections sections = open(path))
        {
            sections.walk((section, index) -> {
                if (position >= section.endPosition)
                    return true;
                section.input.seek(position);
                int size = section.input.readInt();
                section.input.readInt();
                byte[] bytes = new byte[size];
                section.input.readFully(bytes);
                found[0] = new Entry(position, bytes);
                return false;
            });
        }
        return found[0];
    }

    @Override
    public void close()
    {
        reader.close();
    }

    /** Encrypted sections are decrypted chunk by chunk: only reading to the end shows whether all of it can be had. */
    private static void drain(SyncSegment section) throws IOException
    {
        long start = section.input.getFilePointer();
        while (section.input.getFilePointer() < section.endPosition && !section.input.isEOF())
            section.input.readByte();
        section.input.seek(start);
    }

    private int lengthAt(int marker)
    {
        try
        {
            reader.seek(marker + SYNC_MARKER);
            return Math.max(0, reader.readInt());
        }
        catch (IOException e)
        {
            return 0;
        }
    }

    private static RandomAccessReader openReader(Path path)
    {
        Object file = OracleNode.file(path);
        try
        {
            Method open = Arrays.stream(RandomAccessReader.class.getMethods())
                                .filter(each -> each.getName().equals("open") && each.getParameterCount() == 1 && each.getParameterTypes()[0].isInstance(file))
                                .findFirst().orElseThrow();
            return (RandomAccessReader) open.invoke(null, file);
        }
        catch (ReflectiveOperationException e)
        {
            throw new IllegalStateException(e);
        }
    }

    private static final CommitLogReadHandler STOP_AT_BAD_MARKER = new CommitLogReadHandler()
    {
        @Override
        public boolean shouldSkipSegmentOnError(CommitLogReadException exception)
        {
            return false;
        }

        @Override
        public void handleUnrecoverableError(CommitLogReadException exception) throws IOException
        {
            throw exception;
        }

        @Override
        public void handleMutation(Mutation mutation, int size, int entryLocation, CommitLogDescriptor descriptor)
        {
        }
    };
}
