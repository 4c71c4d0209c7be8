// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A process and all its descendants, as the host's procfs shows them. */
final class ProcessTree {

    private static final Path PROC = Path.of("/proc");

    private final List<Long> processes = new ArrayList<>();

    private ProcessTree() {}

    /** Takes a picture of the tree below a process. */
    static ProcessTree of(long root) throws IOException {
        Map<Long, List<Long>> children = new HashMap<>();
        try (Stream<Path> entries = Files.list(PROC)) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                if (Character.isDigit(name.charAt(0))) {
                    long parent = parentOf(entry);
                    children.computeIfAbsent(parent, p -> new ArrayList<>())
                            .add(Long.parseLong(name));
                }
            }
        }
        ProcessTree tree = new ProcessTree();
        tree.processes.add(root);
        for (int i = 0; i < tree.processes.size(); i++) {
            tree.processes.addAll(children.getOrDefault(tree.processes.get(i), List.of()));
        }
        return tree;
    }

    private static long parentOf(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[1]);
        } catch (IOException e) {
            return -1; // it has ended
        }
    }

    /** Proportional set size of all, in KiB. */
    long pssKib() {
        long sum = 0;
        for (long pid : processes) {
            sum += pssOf(pid);
        }
        return sum;
    }

    private static long pssOf(long pid) {
        try {
            for (String line :
                    Files.readAllLines(PROC.resolve(Long.toString(pid)).resolve("smaps_rollup"))) {
                if (line.startsWith("Pss:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException e) {
            // it has ended
        }
        return 0;
    }

    /** CPU time of all threads, in nanoseconds (schedstat). */
    long cpuNanos() {
        long sum = 0;
        for (long pid : processes) {
            Path tasks = PROC.resolve(Long.toString(pid)).resolve("task");
            try (Stream<Path> threads = Files.list(tasks)) {
                for (Path thread : threads.toList()) {
                    sum += cpuNanosOf(thread);
                }
            } catch (IOException e) {
                // it has ended
            }
        }
        return sum;
    }

    private static long cpuNanosOf(Path thread) {
        try {
            String schedstat = Files.readString(thread.resolve("schedstat"));
            return Long.parseLong(schedstat.substring(0, schedstat.indexOf(' ')));
        } catch (IOException e) {
            return 0;
        }
    }
}
