import java.io.FileInputStream;
import java.io.InputStream;
import java.security.KeyStore;
import java.util.HexFormat;

/** Prints a key of a keystore as hex: java ExportKey.java KEYSTORE TYPE PASSWORD ALIAS */
public class ExportKey
{
    public static void main(String[] args) throws Exception
    {
        KeyStore store = KeyStore.getInstance(args[1]);
        try (InputStream in = new FileInputStream(args[0]))
        {
            store.load(in, args[2].toCharArray());
        }
        System.out.println(HexFormat.of().formatHex(store.getKey(args[3], args[2].toCharArray()).getEncoded()));
    }
}
