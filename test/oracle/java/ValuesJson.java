import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.ByteArrayAccessor;
import org.apache.cassandra.db.marshal.ByteBufferAccessor;
import org.apache.cassandra.db.marshal.DynamicCompositeType;
import org.apache.cassandra.db.marshal.TypeParser;
import org.apache.cassandra.schema.CQLTypeParser;
import org.apache.cassandra.schema.Types;
import org.apache.cassandra.transport.ProtocolVersion;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.apache.cassandra.utils.Hex;

/**
 * Answers lines of tab-separated words about types and values with Cassandra's own classes, one line each:
 *
 *   value <class name> <hex>              verdict of validate, verdict of validateCellValue, JSON text
 *   class <class name>                    class name, CQL name, fixed length, whether it is multi-cell
 *   udt   <name> (<field> <CQL type>)*    "ok": the type can be named by cql lines from here on, in keyspace ks
 *   cql   <CQL type>                      as class
 *
 * A verdict is "ok" or "!" and the error; so is a JSON text that Cassandra fails to make. Values are validated as buffers,
 * and those that pass as byte arrays too, which is what the reader of the commit log has: there a length that reaches past
 * the value reads zeros, and takes memory for all of them, before the value is found to be wrong.
 * Dynamic composites have short lengths only, and class names in them whose encoding buffers check and arrays don't.
 */
public class ValuesJson
{
    private static final Types.RawBuilder udts = Types.rawBuilder("ks");

    public static void main(String[] args) throws Exception
    {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(System.err); // what Cassandra logs
        DatabaseDescriptor.clientInitialization();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine())
        {
            String[] words = line.split("\t", -1);
            out.print(oneLine(() -> answer(words)));
            out.print('\n');
        }
        out.flush();
        System.exit(0);
    }

    private static String answer(String[] words) throws Exception
    {
        switch (words[0])
        {
            case "value": return value(TypeParser.parse(words[1]), Hex.hexToBytes(words[2]));
            case "class": return describe(TypeParser.parse(words[1]));
            case "udt": return udt(words);
            case "cql": return describe(CQLTypeParser.parse("ks", words[1], udts.build()));
            default: throw new IllegalArgumentException("unknown word " + words[0]);
        }
    }

    private static String value(AbstractType<?> type, byte[] bytes)
    {
        boolean asBuffer = !(type instanceof DynamicCompositeType);
        String whole = verdict(() -> {
            if (asBuffer)
                type.validate(ByteBuffer.wrap(bytes));
            type.validate(bytes, ByteArrayAccessor.instance);
        });
        String cell = verdict(() -> {
            if (asBuffer)
                type.validateCellValue(ByteBuffer.wrap(bytes), ByteBufferAccessor.instance);
            type.validateCellValue(bytes, ByteArrayAccessor.instance);
        });
        String json = oneLine(() -> type.toJSONString(ByteBuffer.wrap(bytes), ProtocolVersion.V5));
        return whole + '\t' + cell + '\t' + json;
    }

    private static String describe(AbstractType<?> type)
    {
        return type + "\t" + type.asCQL3Type() + '\t' + type.valueLengthIfFixed() + '\t' + type.isMultiCell();
    }

    private static String udt(String[] words)
    {
        List<String> names = new ArrayList<>();
        List<String> types = new ArrayList<>();
        for (int i = 2; i < words.length; i += 2)
        {
            names.add(words[i]);
            types.add(words[i + 1]);
        }
        udts.add(words[1], names, types);
        return "ok";
    }

    private interface Check
    {
        void run();
    }

    private interface Question
    {
        String ask() throws Exception;
    }

    private static String verdict(Check check)
    {
        return oneLine(() -> { check.run(); return "ok"; });
    }

    private static String oneLine(Question question)
    {
        try
        {
            return question.ask();
        }
        catch (Throwable t)
        {
            return ("!" + t.getClass().getSimpleName() + ' ' + t.getMessage()).replaceAll("[\\t\\r\\n]", " ");
        }
    }
}
