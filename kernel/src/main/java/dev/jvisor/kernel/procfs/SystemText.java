// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.UtsNamespace;
import dev.jvisor.kernel.ipc.IpcNamespace;
import dev.jvisor.kernel.ipc.IpcTable;
import dev.jvisor.kernel.task.LoadAverage;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.UsageTotals;
import dev.jvisor.kernel.time.Clocks;

/** The texts of the root. */
final class SystemText {

    private static final long NANOS_PER_SECOND = Clocks.NANOS_PER_SECOND;
    private static final long TICK_NANOS = 10_000_000;
    private static final long ROUND = (1 << LoadAverage.SHIFT) / 2;

    private static final String DEVICES = """
            Character devices:
              1 mem
              5 /dev/tty
              5 /dev/console
              5 /dev/ptmx
             10 misc
            136 pts

            Block devices:
            """;

    private static final String MESSAGE_QUEUES =
            "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid"
                    + "      stime      rtime      ctime\n";

    private static final String SEMAPHORES = "       key      semid perms      nsems   uid   "
            + "gid  cuid  cgid      otime      ctime\n";

    private static final String SHARED_MEMORY =
            "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid"
                    + "  cgid      atime      dtime      ctime                   rss"
                    + "                  swap\n";

    private final Kernel kernel;
    private final MachineInfo machine;

    SystemText(Kernel kernel, MachineInfo machine) {
        this.kernel = kernel;
        this.machine = machine;
    }

    /** The reader's namespace. */
    private IpcNamespace ipc() {
        Task reader = Task.current();
        return reader == null ? kernel.ipc() : reader.ipcNamespace();
    }

    private static void list(String heading, IpcTable<?> table, TextBuffer out) {
        StringBuilder lines = new StringBuilder(heading);
        table.list(lines);
        out.add(lines.toString());
    }

    void write(String name, TextBuffer out) {
        switch (name) {
            case "cmdline" -> out.add("BOOT_IMAGE=/vmlinuz quiet\n");
            case "devices" -> out.add(DEVICES);
            case "interrupts" -> perCpuHeader("           ", out);
            case "softirqs" -> perCpuHeader("                    ", out);
            case "loadavg" -> loadavg(out);
            case "meminfo" -> MemoryInfo.write(kernel, out);
            case "vmstat" -> MemoryInfo.vmstat(kernel, out);
            case "partitions" -> out.add("major minor  #blocks  name\n\n");
            case "stat" -> stat(out);
            case "swaps" -> out.add("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
            case "uptime" -> uptime(out);
            case "version" -> version(out);
            case "cgroups" -> out.add("#subsys_name\thierarchy\tnum_cgroups\tenabled\n");
            case "locks" -> LockText.write(out);
            case "sysvipc/msg" -> list(MESSAGE_QUEUES, ipc().messages(), out);
            case "sysvipc/sem" -> list(SEMAPHORES, ipc().semaphores(), out);
            case "sysvipc/shm" -> list(SHARED_MEMORY, ipc().sharedMemory(), out);
            case "tty/drivers" ->
                out.add("/dev/tty             /dev/tty        5       0 system:/dev/tty\n")
                        .add("/dev/ptmx            /dev/ptmx       5       2 system\n")
                        .add("pty_slave            /dev/pts      136 0-1048575 pty:slave\n")
                        .add("pty_master           /dev/ptm      128 0-1048575 pty:master\n");
            case "tty/ldiscs" -> out.add("n_tty       0\n");
            default -> {
                // consoles, diskstats, locks, misc, modules, zoneinfo: nothing to tell
            }
        }
    }

    private void perCpuHeader(String indent, TextBuffer out) {
        out.add(indent);
        for (int cpu = 0; cpu < machine.cpus(); cpu++) {
            int start = out.length();
            out.add("CPU").add(cpu).padTo(start, 11);
        }
        out.add('\n');
    }

    private static void version(TextBuffer out) {
        out.add(UtsNamespace.SYSNAME).add(" version ").add(UtsNamespace.RELEASE);
        out.add(" (jvisor@jvisor) (javac) ").add(UtsNamespace.VERSION).add('\n');
    }

    /** Processes and threads in one walk. */
    private static final class Census {
        int threads;
        int running;
        long userNanos;
        long systemNanos;
        long switches;
    }

    /** Counts threads; the times of processes that were waited for are in their parents'. */
    private Census census() {
        Census census = new Census();
        kernel.tasks().forEachThreadGroup(group -> {
            for (Task task : group.tasks()) {
                census.threads++;
                census.running += StatText.state(task) == 'R' ? 1 : 0;
            }
            UsageTotals usage = group.usage();
            usage.add(group.waitedChildren());
            census.switches += usage.voluntarySwitches() + usage.involuntarySwitches();
            census.userNanos += group.userNanos() + group.waitedChildren().userNanos();
            census.systemNanos += group.systemNanos() + group.waitedChildren().systemNanos();
            return true;
        });
        return census;
    }

    private void loadavg(TextBuffer out) {
        Census census = census();
        for (int i = 0; i < 3; i++) {
            long load = (kernel.loadAverage().load(i) * 100 + ROUND) >> LoadAverage.SHIFT;
            out.add(load / 100).add('.').addPadded(load % 100, 2).add(' ');
        }
        out.add(Math.max(1, census.running)).add('/').add(census.threads);
        out.add(' ').add(kernel.tasks().lastNumber()).add('\n');
    }

    private void stat(TextBuffer out) {
        Census census = census();
        Clocks clocks = kernel.clocks();
        long boottime = clocks.boottimeNanos();
        int cpus = machine.cpus();
        long user = census.userNanos / TICK_NANOS;
        long system = census.systemNanos / TICK_NANOS;
        long idle = idleNanos(boottime, census) / TICK_NANOS;
        times(out.add("cpu  "), user, system, idle);
        for (int cpu = 0; cpu < cpus; cpu++) {
            out.add("cpu").add(cpu).add(' ');
            times(out, user / cpus, system / cpus, idle / cpus);
        }
        out.add("intr 0\nctxt ").add(census.switches).add("\nbtime ");
        out.add((clocks.realtimeNanos() - boottime) / NANOS_PER_SECOND);
        out.add("\nprocesses ").add(kernel.tasks().lastNumber());
        out.add("\nprocs_running ").add(Math.max(1, census.running));
        out.add("\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n");
    }

    private long idleNanos(long boottime, Census census) {
        return Math.max(0, boottime * machine.cpus() - census.userNanos - census.systemNanos);
    }

    private static void times(TextBuffer out, long user, long system, long idle) {
        out.add(user).add(" 0 ").add(system).add(' ').add(idle).add(" 0 0 0 0 0 0\n");
    }

    private void uptime(TextBuffer out) {
        long boottime = kernel.clocks().boottimeNanos();
        hundredths(out, boottime);
        out.add(' ');
        hundredths(out, idleNanos(boottime, census()));
        out.add('\n');
    }

    private static void hundredths(TextBuffer out, long nanos) {
        out.add(nanos / NANOS_PER_SECOND).add('.');
        out.addPadded(nanos % NANOS_PER_SECOND / TICK_NANOS, 2);
    }
}
