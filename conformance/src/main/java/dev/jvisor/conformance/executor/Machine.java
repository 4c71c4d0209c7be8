// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.executor;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Where programs run: this machine's kernel, or a sandbox of a container runtime. */
public abstract class Machine {

    /** What process 1 of a container may by default; none of them reaches past namespaces. */
    private static final List<String> CAPABILITIES = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "SETGID",
            "SETUID",
            "SETPCAP",
            "NET_BIND_SERVICE",
            "NET_RAW",
            "SYS_CHROOT",
            "MKNOD",
            "AUDIT_WRITE",
            "SETFCAP");

    /** Makes the namespaces that Linux's side runs in; a command line follows. */
    private static final List<String> UNSHARE =
            List.of("unshare", "--mount", "--pid", "--uts", "--ipc", "--net", "--fork");

    private static final AtomicInteger SERIAL = new AtomicInteger();

    private final String name;

    Machine(String name) {
        this.name = name;
    }

    /** Returns the name for people. */
    public String name() {
        return name;
    }

    /** Returns the command line that runs the executor found in the directory. */
    abstract List<String> commandLine(Path bundle);

    /**
     * This machine's kernel. The executor runs in new pid, mount, network, IPC and UTS namespaces
     * with a throw-away root, the capabilities of a container and limits.
     */
    public static Machine natively() {
        return new Machine("Linux") {
            @Override
            List<String> commandLine(Path bundle) {
                StringBuilder bounding = new StringBuilder("-all");
                for (String capability : CAPABILITIES) {
                    bounding.append(",+").append(capability.toLowerCase(Locale.ROOT));
                }
                String script = """
                        set -eu
                        mount -t tmpfs -o size=256m none /mnt
                        cp "$1/rootfs/executor" /mnt/executor
                        mkdir -m 755 /mnt/w
                        ulimit -n 1024
                        ulimit -c 0
                        umask 022
                        exec setpriv --bounding-set="$2" --no-new-privs \\
                            chroot /mnt /executor 2>/dev/null
                        """;
                List<String> line = new ArrayList<>(UNSHARE);
                line.addAll(List.of("--kill-child", "sh", "-c", script, "sh"));
                line.add(bundle.toString());
                line.add(bounding.toString());
                return line;
            }
        };
    }

    /** A runtime with the command line of {@code runc}, for example {@code bin/runsc}. */
    public static Machine runtime(List<String> command) {
        return new Machine(String.join(" ", command)) {
            @Override
            List<String> commandLine(Path bundle) {
                List<String> line = new ArrayList<>(command);
                line.addAll(List.of("run", "--bundle", bundle.toString()));
                line.add("conformance-" + ProcessHandle.current().pid() + "-"
                        + SERIAL.incrementAndGet());
                return line;
            }
        };
    }

    /** Whether namespaces can be made here, which takes a privileged user. */
    public static boolean canRunNatively() {
        try {
            List<String> line = new ArrayList<>(UNSHARE);
            line.addAll(List.of("sh", "-c", "mount -t tmpfs none /mnt && exec setpriv true"));
            Process process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException missing) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Starts the executor. */
    public Connection connect() throws IOException {
        Path bundle = Files.createTempDirectory("conformance");
        try {
            Path root = Files.createDirectory(bundle.resolve("rootfs"));
            Files.createDirectory(root.resolve("w"));
            Files.createDirectory(root.resolve("proc"));
            Path executor = root.resolve("executor");
            Files.write(executor, GuestExecutor.image());
            Files.setPosixFilePermissions(executor, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.writeString(bundle.resolve("config.json"), config());
            Process process = new ProcessBuilder(commandLine(bundle))
                    .redirectError(bundle.resolve("errors").toFile())
                    .start();
            return new Connection(name, process, bundle);
        } catch (IOException failed) {
            deleteTree(bundle);
            throw failed;
        }
    }

    private static String config() {
        StringBuilder list = new StringBuilder();
        for (String capability : CAPABILITIES) {
            list.append(list.isEmpty() ? "" : ", ")
                    .append("\"CAP_")
                    .append(capability)
                    .append('"');
        }
        return """
                {"ociVersion": "1.0.0",
                 "process": {"args": ["/executor"], "cwd": "/", "user": {"uid": 0, "gid": 0},
                   "terminal": false, "noNewPrivileges": true, "env": ["PATH=/"],
                   "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024},
                     {"type": "RLIMIT_CORE", "hard": 0, "soft": 0}],
                   "capabilities": {"bounding": [LIST], "effective": [LIST], "permitted": [LIST]}},
                 "root": {"path": "rootfs"},
                 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                   {"destination": "/w", "type": "tmpfs", "source": "tmpfs",
                    "options": ["mode=755", "size=256m"]}],
                 "linux": {"namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"},
                   {"type": "uts"}, {"type": "mount"}]}}
                """.replace("LIST", list);
    }

    static void deleteTree(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                    throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failed)
                    throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
