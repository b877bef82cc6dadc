import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.Plugin;

/** Runs one Elasticsearch 5.6 node in this process. Arguments: DATA_DIR PORT [setting=value ...] */
public class Launcher {
    static final String[] PLUGINS = {
        "org.elasticsearch.transport.Netty4Plugin"
    };

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[0]).toAbsolutePath();
        int port = Integer.parseInt(args[1]);
        Files.createDirectories(data.resolve("logs"));
        Files.createDirectories(data.resolve("config"));
        Settings.Builder s = Settings.builder()
            .put("path.home", data.toString())
            .put("path.data", data.resolve("data").toString())
            .put("path.logs", data.resolve("logs").toString())
            .put("path.conf", data.resolve("config").toString())
            .put("path.repo", data.resolve("snapshots").toString())
            .put("cluster.name", "test")
            .put("node.name", "node-1")
            .put("discovery.type", "single-node")
            .put("http.type", "netty4")
            .put("transport.type", "netty4")
            .put("http.host", "127.0.0.1")
            .put("http.port", port)
            .put("transport.host", "127.0.0.1")
            .put("transport.tcp.port", port + 1)
            .put("processors", 2)
            .put("cluster.routing.allocation.disk.threshold_enabled", false);
        for (int i = 2; i < args.length; i++) {
            int eq = args[i].indexOf('=');
            s.put(args[i].substring(0, eq), args[i].substring(eq + 1));
        }
        Settings settings = s.build();
        LogConfigurator.configureWithoutConfig(settings);

        List<Class<? extends Plugin>> plugins = new ArrayList<>();
        for (String name : PLUGINS) plugins.add(Class.forName(name).asSubclass(Plugin.class));
        Environment env = InternalSettingsPreparer.prepareEnvironment(settings, null);
        // the constructor that takes classes from the class path is protected, hence the subclass
        Node node = new Node(env, plugins) {};
        node.start();
        System.out.println("READY http://127.0.0.1:" + port);
        CountDownLatch stop = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try { node.close(); } catch (Exception e) { e.printStackTrace(); }
            stop.countDown();
        }));
        stop.await();
    }
}
