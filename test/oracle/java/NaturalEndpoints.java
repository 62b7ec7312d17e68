import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * What a running node says of keys, by JMX (what `nodetool getendpoints` asks): arguments JMX port; lines of
 * `keyspace table key`, the key as nodetool takes it; one line each: addresses in natural order, with spaces between.
 */
public class NaturalEndpoints
{
    private static final String[] SIGNATURE = { String.class.getName(), String.class.getName(), String.class.getName() };

    public static void main(String[] args) throws Exception
    {
        JMXServiceURL url = new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + args[0] + "/jmxrmi");
        MBeanServerConnection node = JMXConnectorFactory.connect(url).getMBeanServerConnection();
        ObjectName storage = new ObjectName("org.apache.cassandra.db:type=StorageService");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine())
        {
            List<?> endpoints = (List<?>) node.invoke(storage, "getNaturalEndpointsWithPort", line.split("\t", -1), SIGNATURE);
            System.out.println(endpoints.stream().map(each -> each.toString().replaceFirst("^.*/", "").replaceFirst(":\\d+$", "")).collect(Collectors.joining(" ")));
        }
        System.exit(0);
    }
}
