import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.apache.cassandra.config.DatabaseDescriptor;

/** Cassandra's classes made usable without a server: a configuration in a temporary directory, then tool initialization. */
final class OracleNode
{
    /** What the node's configuration decides about reading; everything else is fixed. */
    static final class Settings
    {
        /** Directory of data files holding system_schema, or null for an empty one. */
        Path data;
        Path keystore;
        String keystorePassword = "cassandra";
        String keyPassword;
        String keyAlias = "testing:1";
        /** storage_compatibility_mode of 5.0: it bounds local deletion times. */
        String compatibility = "CASSANDRA_4";

        /** Takes an option that every oracle shares; false when the name is not one of them. */
        boolean take(String option, String value)
        {
            switch (option)
            {
                case "--data": data = Path.of(value).toAbsolutePath(); return true;
                case "--keystore": keystore = Path.of(value).toAbsolutePath(); return true;
                case "--keystore-password": keystorePassword = value; return true;
                case "--key-password": keyPassword = value; return true;
                case "--key-alias": keyAlias = value; return true;
                case "--compatibility": compatibility = value; return true;
                default: return false;
            }
        }
    }

    static final boolean IS_5 = hasClass("org.apache.cassandra.utils.JsonUtils") && hasClass("org.apache.cassandra.config.StorageCompatibilityMode");

    private OracleNode() {}

    static void start(Settings settings) throws IOException
    {
        Path home = Files.createTempDirectory("oracle");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> removeTree(home)));
        Files.writeString(home.resolve("cassandra.yaml"), yaml(home, settings));
        System.setProperty("cassandra.config", "file://" + home.resolve("cassandra.yaml"));
        System.setProperty("cassandra.storagedir", home.toString());
        DatabaseDescriptor.toolInitialization();
    }

    private static String yaml(Path home, Settings settings) throws IOException
    {
        for (String name : List.of("data", "commitlog", "cdc_raw", "hints", "saved_caches"))
            Files.createDirectories(home.resolve(name));
        Path data = settings.data == null ? home.resolve("data") : settings.data;
        String text = "cluster_name: oracle\n"
                    + "partitioner: org.apache.cassandra.dht.Murmur3Partitioner\n"
                    + "data_file_directories: ['" + data + "']\n"
                    + "commitlog_directory: '" + home.resolve("commitlog") + "'\n"
                    + "cdc_raw_directory: '" + home.resolve("cdc_raw") + "'\n"
                    + "hints_directory: '" + home.resolve("hints") + "'\n"
                    + "saved_caches_directory: '" + home.resolve("saved_caches") + "'\n"
                    + "commitlog_sync: periodic\n"
                    + (hasConfig("commitlog_sync_period") ? "commitlog_sync_period: 10000ms\n" : "commitlog_sync_period_in_ms: 10000\n")
                    + "endpoint_snitch: SimpleSnitch\n"
                    + "listen_address: 127.0.0.1\n"
                    + "seed_provider: [{class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [{seeds: 127.0.0.1}]}]\n";
        if (IS_5)
            text += "storage_compatibility_mode: " + settings.compatibility + "\n";
        if (settings.keystore != null)
            text += encryption(settings);
        return text;
    }

    private static String encryption(Settings settings)
    {
        String keyPassword = settings.keyPassword == null ? settings.keystorePassword : settings.keyPassword;
        return "transparent_data_encryption_options:\n"
             + "  enabled: true\n"
             + "  chunk_length_kb: 64\n"
             + "  cipher: AES/CBC/PKCS5Padding\n"
             + "  key_alias: '" + settings.keyAlias + "'\n"
             + "  key_provider:\n"
             + "    - class_name: org.apache.cassandra.security.JKSKeyProvider\n"
             + "      parameters:\n"
             + "        - keystore: '" + settings.keystore + "'\n"
             + "          keystore_password: '" + settings.keystorePassword + "'\n"
             + "          store_type: JCEKS\n"
             + "          key_password: '" + keyPassword + "'\n";
    }

    /** The File class that this release's commit-log classes take: java.io.File in 4.0, Cassandra's own since 4.1. */
    static Object file(Path path)
    {
        try
        {
            Class<?> type = hasClass("org.apache.cassandra.io.util.File") ? Class.forName("org.apache.cassandra.io.util.File") : java.io.File.class;
            return type.getConstructor(String.class).newInstance(path.toString());
        }
        catch (ReflectiveOperationException e)
        {
            throw new IllegalStateException(e);
        }
    }

    private static boolean hasClass(String name)
    {
        try
        {
            Class.forName(name, false, OracleNode.class.getClassLoader());
            return true;
        }
        catch (ClassNotFoundException e)
        {
            return false;
        }
    }

    private static boolean hasConfig(String field)
    {
        return Stream.of(org.apache.cassandra.config.Config.class.getFields()).anyMatch(each -> each.getName().equals(field));
    }

    private static void removeTree(Path root)
    {
        try (Stream<Path> paths = Files.walk(root))
        {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }
}
