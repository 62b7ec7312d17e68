import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.dht.Token;
import org.apache.cassandra.locator.AbstractNetworkTopologySnitch;
import org.apache.cassandra.locator.AbstractReplicationStrategy;
import org.apache.cassandra.locator.IEndpointSnitch;
import org.apache.cassandra.locator.InetAddressAndPort;
import org.apache.cassandra.locator.LocalStrategy;
import org.apache.cassandra.locator.NetworkTopologyStrategy;
import org.apache.cassandra.locator.Replica;
import org.apache.cassandra.locator.SimpleStrategy;
import org.apache.cassandra.locator.TokenMetadata;
import org.apache.cassandra.utils.Hex;

/**
 * Answers lines of tab-separated words about rings with Cassandra's own strategy classes, one line each:
 *
 *   ring (<datacenter>|<rack>|<token>,<token>…)*           "ok": the nodes from here on, numbered from 0; node 0 is the local one
 *   replicas <strategy> <option>=<value>,… <token>,…       for each token, after a space: numbers of its replicas in order, "*"
 *                                                          behind a transient one, with commas between
 *   token <hex>,…                                          tokens of these partition keys, with commas between
 */
public class RingPlacement
{
    private static final List<String> datacenters = new ArrayList<>();
    private static final List<String> racks = new ArrayList<>();
    private static final Map<InetAddressAndPort, Integer> numbers = new HashMap<>();
    private static TokenMetadata metadata;

    private static final IEndpointSnitch snitch = new AbstractNetworkTopologySnitch()
    {
        public String getRack(InetAddressAndPort endpoint) { return racks.get(numberOf(endpoint)); }
        public String getDatacenter(InetAddressAndPort endpoint) { return datacenters.get(numberOf(endpoint)); }
    };

    public static void main(String[] args) throws Exception
    {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(System.err); // what Cassandra logs
        OracleNode.start(new OracleNode.Settings());
        DatabaseDescriptor.setTransientReplicationEnabledUnsafe(true);
        DatabaseDescriptor.getRawConfig().num_tokens = 1; // what transient replication asks of a node; rings here have what they are given
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine())
        {
            out.print(answer(line.split("\t", -1)));
            out.print('\n');
        }
        out.flush();
        System.exit(0);
    }

    private static String answer(String[] words) throws Exception
    {
        switch (words[0])
        {
            case "ring": return ring(words);
            case "replicas": return replicas(words[1], words[2], words[3]);
            case "token": return tokens(words[1]);
            default: throw new IllegalArgumentException(words[0]);
        }
    }

    private static String ring(String[] words) throws UnknownHostException
    {
        datacenters.clear();
        racks.clear();
        metadata = new TokenMetadata(snitch);
        for (int number = 0; number < words.length - 1; number++)
        {
            String[] node = words[number + 1].split("\\|", -1);
            datacenters.add(node[0]);
            racks.add(node[1]);
            InetAddressAndPort endpoint = InetAddressAndPort.getByName("127.0." + (number + 1 >> 8) + "." + (number + 1 & 255));
            numbers.put(endpoint, number);
            metadata.updateNormalTokens(parse(node[2]), endpoint);
        }
        return "ok";
    }

    private static String replicas(String strategyName, String optionText, String tokens)
    {
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : optionText.isEmpty() ? new String[0] : optionText.split(","))
            options.put(option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
        AbstractReplicationStrategy strategy = strategy(strategyName, options);
        StringBuilder answer = new StringBuilder();
        for (Token token : parse(tokens))
        {
            answer.append(' ');
            int count = 0;
            for (Replica replica : strategy.calculateNaturalReplicas(token, metadata))
                answer.append(count++ == 0 ? "" : ",").append(numberOf(replica.endpoint())).append(replica.isTransient() ? "*" : "");
        }
        return answer.toString();
    }

    private static AbstractReplicationStrategy strategy(String name, Map<String, String> options)
    {
        switch (name)
        {
            case "SimpleStrategy": return new SimpleStrategy("ks", metadata, snitch, options);
            case "NetworkTopologyStrategy": return new NetworkTopologyStrategy("ks", metadata, snitch, options);
            case "LocalStrategy": return new LocalStrategy("ks", metadata, snitch, options);
            default: throw new IllegalArgumentException(name);
        }
    }

    private static String tokens(String keys)
    {
        StringBuilder answer = new StringBuilder();
        for (String key : keys.split(",", -1))
            answer.append(answer.length() == 0 ? "" : ",").append(Murmur3Partitioner.instance.getToken(ByteBuffer.wrap(Hex.hexToBytes(key))).getTokenValue());
        return answer.toString();
    }

    private static List<Token> parse(String tokens)
    {
        List<Token> parsed = new ArrayList<>();
        for (String token : tokens.split(","))
            parsed.add(new Murmur3Partitioner.LongToken(Long.parseLong(token)));
        return parsed;
    }

    private static int numberOf(InetAddressAndPort endpoint)
    {
        return numbers.get(endpoint);
    }
}
