import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;

/** MongoDB's protocol on 127.0.0.1: `Launcher PORT`, in memory, or `Launcher PORT FILE`, which survives a restart. */
public final class Launcher {
  public static void main(String[] arguments) {
    MongoServer server =
        new MongoServer(arguments.length > 1 ? new H2Backend(arguments[1]) : new MemoryBackend());
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
    System.out.println("ready");
  }
}
