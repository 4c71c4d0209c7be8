# OpenJDK: a program from source with threads, garbage and files.
cd /tmp
cat >Work.java <<'J'
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;

public class Work {
    public static void main(String[] arguments) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        List<Future<Long>> results = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long seed = i;
            results.add(pool.submit(() -> {
                byte[][] garbage = new byte[64][];
                long sum = 0;
                for (int k = 0; k < 4000; k++) {
                    garbage[k % 64] = new byte[8192];
                    sum += seed * k;
                }
                return sum;
            }));
        }
        long total = 0;
        for (Future<Long> r : results) total += r.get();
        pool.shutdown();
        System.gc();
        System.out.println(total);
        Path file = Files.writeString(Path.of("out"), "line\n".repeat(1000));
        System.out.println(Files.readAllLines(file).size() + " " + Files.size(file));
        Process child = new ProcessBuilder("sh", "-c", "echo child; exit 5").start();
        System.out.print(new String(child.getInputStream().readAllBytes()));
        System.out.println(child.waitFor());
        BlockingQueue<Integer> queue = new SynchronousQueue<>();
        Thread producer = new Thread(() -> {
            try {
                for (int i = 0; i < 1000; i++) queue.put(i);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        producer.start();
        int sum = 0;
        for (int i = 0; i < 1000; i++) sum += queue.take();
        System.out.println(sum);
    }
}
J
java Work.java
java -XX:+UseG1GC -XX:+PrintFlagsFinal -version 2>/dev/null | grep -w UseG1GC | awk '{print $4}'
javac -d classes Work.java && jar cf work.jar -C classes . && jar tf work.jar
