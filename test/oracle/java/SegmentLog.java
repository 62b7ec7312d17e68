import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;

import javax.crypto.Cipher;

import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.config.ParameterizedClass;
import org.apache.cassandra.db.commitlog.CommitLogDescriptor;
import org.apache.cassandra.io.compress.BufferType;
import org.apache.cassandra.io.compress.ICompressor;
import org.apache.cassandra.schema.CompressionParams;
import org.apache.cassandra.security.EncryptionContext;
import org.apache.cassandra.security.EncryptionUtils;
import org.apache.cassandra.utils.Hex;

/**
 * Writes commit-log segments without a server, as CommitLog, CommitLogSegment, CompressedSegment and EncryptedSegment do:
 * their header, compressors and ciphers, entries that are given as serialized mutations, sections of a given size.
 */
final class SegmentLog implements AutoCloseable
{
    static final class Options
    {
        Path directory;
        /** plain, encrypted, or a compressor: LZ4, Snappy, Deflate, Zstd. */
        String mode = "plain";
        int descriptorVersion = 7;
        int segmentSize = 32 << 20;
        /** Bytes in the clear after which a section is closed; a whole segment when larger. */
        int sectionSize = 3 << 19;
        long firstId = 1700000000000L;
    }

    private static final int MARKER = 8;
    private static final int ENTRY_OVERHEAD = 12;

    private final Options options;
    private final ICompressor compressor;
    private final Cipher cipher;
    /** The segment in the clear; its offsets are the positions of compressed and encrypted segments. */
    private final ByteBuffer buffer;
    private ByteBuffer scratch;
    private FileChannel channel;
    private long id;
    /** Where the open section's marker stands: in the buffer, and in the file. */
    private int marker;
    private long written;
    long entries;

    SegmentLog(Options options) throws IOException
    {
        this.options = options;
        id = options.firstId - 1;
        cipher = options.mode.equals("encrypted") ? DatabaseDescriptor.getEncryptionContext().getEncryptor() : null;
        compressor = cipher == null && !options.mode.equals("plain") ? CompressionParams.createCompressor(compression()) : null;
        boolean isDirect = compressor != null && compressor.preferredBufferType() != BufferType.ON_HEAP;
        buffer = isDirect ? ByteBuffer.allocateDirect(options.segmentSize) : ByteBuffer.allocate(options.segmentSize);
        int largest = compressor == null ? options.segmentSize : compressor.initialCompressedBufferLength(options.segmentSize) + MARKER + 4;
        scratch = isDirect ? ByteBuffer.allocateDirect(largest) : ByteBuffer.allocate(largest);
        Files.createDirectories(options.directory);
        open();
    }

    void add(byte[] mutation, int length) throws IOException
    {
        // A section needs room for the marker behind it.
        if (buffer.position() + length + ENTRY_OVERHEAD + MARKER > buffer.capacity())
        {
            finish();
            open();
        }
        CRC32 crc = new CRC32();
        buffer.putInt(length);
        updateInt(crc, length);
        buffer.putInt((int) crc.getValue());
        buffer.put(mutation, 0, length);
        crc.update(mutation, 0, length);
        buffer.putInt((int) crc.getValue());
        entries++;
        if (buffer.position() - marker >= options.sectionSize)
            sync();
    }

    @Override
    public void close() throws IOException
    {
        finish();
    }

    private void open() throws IOException
    {
        id++;
        EncryptionContext encryption = cipher == null ? new EncryptionContext() : DatabaseDescriptor.getEncryptionContext();
        CommitLogDescriptor descriptor = new CommitLogDescriptor(options.descriptorVersion, id, compressor == null ? null : compression(), encryption);
        Map<String, String> headers = new HashMap<>();
        if (cipher != null)
        {
            headers.putAll(encryption.toHeaderParameters());
            headers.put(EncryptionContext.ENCRYPTION_IV, Hex.bytesToHex(cipher.getIV()));
        }
        buffer.clear();
        CommitLogDescriptor.writeHeader(buffer, descriptor, headers);
        channel = FileChannel.open(options.directory.resolve(descriptor.fileName()), StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        write(buffer.duplicate().flip());
        beginSection();
    }

    private void finish() throws IOException
    {
        if (buffer.position() > marker + MARKER)
            sync();
        // What is not plain ends with a section that holds nothing; a plain segment is zeros to its end, as it was mapped.
        if (compressor != null || cipher != null)
            sync();
        else
            channel.write(ByteBuffer.allocate(1), options.segmentSize - 1);
        channel.close();
        written = 0;
    }

    private void beginSection()
    {
        marker = buffer.position();
        buffer.position(marker + MARKER);
    }

    /** Writes the open section and begins the next. */
    private void sync() throws IOException
    {
        ByteBuffer body = buffer.duplicate();
        body.flip().position(marker + MARKER);
        if (cipher != null)
            writeEncrypted(body);
        else if (compressor != null)
            writeCompressed(body);
        else
            writePlain(body);
        beginSection();
    }

    private void writePlain(ByteBuffer body) throws IOException
    {
        writeMarker(written, written + MARKER + body.remaining(), null);
        write(body);
    }

    private void writeCompressed(ByteBuffer body) throws IOException
    {
        int length = body.remaining();
        scratch.clear();
        compressor.compress(body, scratch);
        scratch.flip();
        writeMarker(written, written + MARKER + 4 + scratch.remaining(), length);
        write(scratch);
    }

    private void writeEncrypted(ByteBuffer body) throws IOException
    {
        EncryptionContext context = DatabaseDescriptor.getEncryptionContext();
        int length = body.remaining();
        long start = written;
        channel.position(start + MARKER + 4);
        while (body.hasRemaining())
        {
            ByteBuffer block = body.duplicate();
            block.limit(Math.min(body.limit(), body.position() + context.getChunkLength()));
            body.position(block.limit());
            scratch.clear();
            scratch = EncryptionUtils.compress(block, scratch, true, context.getCompressor());
            scratch = EncryptionUtils.encryptAndWrite(scratch, channel, true, cipher);
        }
        long end = channel.position();
        channel.position(start);
        writeMarker(start, end, length);
        channel.position(end);
        written = end;
    }

    private void writeMarker(long position, long next, Integer length) throws IOException
    {
        CRC32 crc = new CRC32();
        updateInt(crc, (int) id);
        updateInt(crc, (int) (id >>> 32));
        updateInt(crc, (int) position);
        ByteBuffer bytes = ByteBuffer.allocate(MARKER + 4);
        bytes.putInt((int) next).putInt((int) crc.getValue());
        if (length != null)
            bytes.putInt(length);
        write(bytes.flip());
    }

    private void write(ByteBuffer bytes) throws IOException
    {
        while (bytes.hasRemaining())
            written += channel.write(bytes);
    }

    private ParameterizedClass compression()
    {
        return new ParameterizedClass(options.mode + "Compressor", new HashMap<>());
    }

    private static void updateInt(CRC32 crc, int value)
    {
        crc.update(value >>> 24);
        crc.update(value >>> 16);
        crc.update(value >>> 8);
        crc.update(value);
    }
}
