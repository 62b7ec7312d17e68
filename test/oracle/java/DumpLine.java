import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import org.apache.cassandra.utils.ByteBufferUtil;

/** One line of the raw contract under construction: JSON without spaces, fields in the order in which they are added. */
final class DumpLine
{
    private static final HexFormat HEX = HexFormat.of();
    /** Longer byte strings are shown by length and digest. */
    private static final int LONGEST = 4096;

    private final StringBuilder out = new StringBuilder();
    private boolean first = true;

    DumpLine open(char bracket)
    {
        separate();
        out.append(bracket);
        first = true;
        return this;
    }

    DumpLine close(char bracket)
    {
        out.append(bracket);
        first = false;
        return this;
    }

    DumpLine name(String name)
    {
        separate();
        quote(name);
        out.append(':');
        first = true;
        return this;
    }

    DumpLine text(String value)
    {
        separate();
        quote(value);
        return this;
    }

    DumpLine number(long value)
    {
        separate();
        out.append(value);
        return this;
    }

    /** A 64-bit number: a decimal string. */
    DumpLine number64(long value)
    {
        separate();
        out.append('"').append(value).append('"');
        return this;
    }

    DumpLine bytes(ByteBuffer value)
    {
        separate();
        if (value == null)
            out.append("null");
        else
            out.append('"').append(hex(value)).append('"');
        return this;
    }

    /** True when a field or element was added since the last open. */
    int length()
    {
        return out.length();
    }

    /** Takes back what was added since length() was `length`, with `wasFirst` as it was then. */
    void truncate(int length, boolean wasFirst)
    {
        out.setLength(length);
        first = wasFirst;
    }

    boolean isFirst()
    {
        return first;
    }

    @Override
    public String toString()
    {
        return out.toString();
    }

    static String hex(ByteBuffer value)
    {
        byte[] bytes = ByteBufferUtil.getArray(value);
        if (bytes.length <= LONGEST)
            return HEX.formatHex(bytes);
        return "#" + bytes.length + ':' + HEX.formatHex(digest("SHA-256", bytes, 0, bytes.length));
    }

    /** The first 8 bytes of the SHA-1 of the serialized mutation. */
    static String hash(byte[] bytes, int length)
    {
        return HEX.formatHex(digest("SHA-1", bytes, 0, length), 0, 8);
    }

    private static byte[] digest(String algorithm, byte[] bytes, int offset, int length)
    {
        try
        {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(bytes, offset, length);
            return digest.digest();
        }
        catch (NoSuchAlgorithmException e)
        {
            throw new IllegalStateException(e);
        }
    }

    private void separate()
    {
        if (!first)
            out.append(',');
        first = false;
    }

    /** Escapes as JSON.stringify does: the short forms, other controls as \\u00xx, lone surrogates as \\udxxx. */
    private void quote(String value)
    {
        out.append('"');
        for (int i = 0; i < value.length(); i++)
        {
            char c = value.charAt(i);
            boolean pair = Character.isHighSurrogate(c) && i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1));
            if (pair)
                out.append(c).append(value.charAt(++i));
            else if (c == '"' || c == '\\')
                out.append('\\').append(c);
            else if (c < 0x20 || Character.isSurrogate(c))
                out.append(control(c));
            else
                out.append(c);
        }
        out.append('"');
    }

    private static String control(char c)
    {
        switch (c)
        {
            case '\b': return "\\b";
            case '\f': return "\\f";
            case '\n': return "\\n";
            case '\r': return "\\r";
            case '\t': return "\\t";
            default: return String.format("\\u%04x", (int) c);
        }
    }
}
