# OpenJDK: a server on 127.0.0.1 with a thread for each of several clients, and NIO channels.
cd /tmp
cat >Server.java <<'J'
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.util.concurrent.atomic.*;

public class Server {
    public static void main(String[] arguments) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread acceptor = new Thread(() -> {
                try {
                    while (true) {
                        Socket s = server.accept();
                        new Thread(() -> {
                            try (s; var in = new BufferedReader(new InputStreamReader(s.getInputStream()));
                                    var out = new PrintWriter(s.getOutputStream(), true)) {
                                for (String line; (line = in.readLine()) != null; ) out.println("echo " + line);
                            } catch (IOException e) {
                                System.out.println(e);
                            }
                        }).start();
                    }
                } catch (IOException closed) {
                }
            });
            acceptor.start();
            AtomicInteger answers = new AtomicInteger();
            Thread[] clients = new Thread[8];
            for (int i = 0; i < clients.length; i++) {
                int number = i;
                clients[i] = new Thread(() -> {
                    try (Socket s = new Socket(server.getInetAddress(), server.getLocalPort());
                            var in = new BufferedReader(new InputStreamReader(s.getInputStream()));
                            var out = new PrintWriter(s.getOutputStream(), true)) {
                        for (int k = 0; k < 100; k++) {
                            out.println(number + " " + k);
                            if (in.readLine().equals("echo " + number + " " + k)) answers.incrementAndGet();
                        }
                    } catch (IOException e) {
                        System.out.println(e);
                    }
                });
                clients[i].start();
            }
            for (Thread t : clients) t.join();
            System.out.println(answers);
        }
        var web = com.sun.net.httpserver.HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        web.createContext("/", x -> {
            byte[] body = ("you asked for " + x.getRequestURI()).getBytes();
            x.sendResponseHeaders(200, body.length);
            x.getResponseBody().write(body);
            x.close();
        });
        web.start();
        URI uri = URI.create("http://127.0.0.1:" + web.getAddress().getPort() + "/page");
        var response = HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode() + " " + response.body());
        web.stop(0);
        System.exit(0);
    }
}
J
java Server.java
