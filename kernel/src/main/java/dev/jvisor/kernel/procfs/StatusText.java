// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.ptrace.Trace;
import dev.jvisor.kernel.seccomp.FilterChain;
import dev.jvisor.kernel.seccomp.SeccompState;
import dev.jvisor.kernel.signal.GroupSignals;
import dev.jvisor.kernel.task.Pid;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TaskCounters;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.abi.Resource;

/** {@code /proc/PID/status} (Linux: proc_pid_status). */
final class StatusText {

    private static final int MEMS_ALLOWED_WORDS = 32;
    private static final int MEMORY_WIDTH = 8;

    /** What a small program needs, spread over its address space. */
    private static final long PAGE_TABLES_BYTES_MIN = 40 << 10;

    private final Task task;
    private final ThreadGroup group;
    private final MachineInfo machine;
    private final PidNamespace pids;
    private final UserNamespace users;

    /** Makes one with the ids of the reader's user namespace and the numbers of the mount's. */
    StatusText(Task task, ProcFilesystem filesystem, UserNamespace users) {
        this.task = task;
        this.group = task.threadGroup();
        this.machine = filesystem.machine();
        this.pids = filesystem.pids();
        this.users = users;
    }

    void write(TextBuffer out) {
        identity(out);
        MemoryManager memory = task.memoryOrNull();
        if (memory != null) {
            memory(memory, out);
        }
        out.add("CoreDumping:\t0\nTHP_enabled:\t").add(memory == null ? "0\n" : "1\n");
        if (memory != null) {
            out.add("untag_mask:\t0xffffffffffffffff\n");
        }
        out.add("Threads:\t").add(Math.max(1, group.tasks().length)).add('\n');
        signals(out);
        capabilities(out);
        out.add("NoNewPrivs:\t")
                .add(task.credentials().noNewPrivileges() ? '1' : '0')
                .add('\n');
        SeccompState seccomp = task.seccomp();
        FilterChain filter = seccomp == null ? null : seccomp.filter();
        out.add("Seccomp:\t").add(seccomp == null ? 0 : seccomp.mode());
        out.add("\nSeccomp_filters:\t").add(filter == null ? 0 : filter.count()).add('\n');
        out.add("Speculation_Store_Bypass:\tvulnerable\n");
        out.add("SpeculationIndirectBranch:\talways enabled\n");
        affinity(out);
        TaskCounters counters = task.counters();
        out.add("voluntary_ctxt_switches:\t").add(counters.voluntarySwitches());
        out.add("\nnonvoluntary_ctxt_switches:\t").add(counters.involuntarySwitches());
        out.add('\n');
    }

    private static String stateName(char state) {
        return switch (state) {
            case 'Z' -> "Z (zombie)";
            case 'T' -> "T (stopped)";
            case 't' -> "t (tracing stop)";
            case 'S' -> "S (sleeping)";
            default -> "R (running)";
        };
    }

    private void identity(TextBuffer out) {
        out.add("Name:\t").addEscaped(task.name(), "\n\\").add('\n');
        FsContext fs = task.fsOrNull();
        if (fs != null) {
            out.add("Umask:\t").addOctal(fs.umask(), 4).add('\n');
        }
        out.add("State:\t").add(stateName(StatText.state(task))).add('\n');
        out.add("Tgid:\t").add(group.pid().numberIn(pids));
        out.add("\nNgid:\t0\nPid:\t").add(task.pid().numberIn(pids));
        out.add("\nPPid:\t").add(group.parentIdIn(pids)).add("\nTracerPid:\t");
        Trace trace = task.trace();
        out.add(trace == null ? 0 : trace.tracer().pid().numberIn(pids)).add('\n');
        Credentials c = task.credentials();
        ids(
                out,
                "Uid",
                users.shownUid(c.uid()),
                users.shownUid(c.euid()),
                users.shownUid(c.suid()),
                users.shownUid(c.fsuid()));
        ids(
                out,
                "Gid",
                users.shownGid(c.gid()),
                users.shownGid(c.egid()),
                users.shownGid(c.sgid()),
                users.shownGid(c.fsgid()));
        FdTable files = task.filesOrNull();
        out.add("FDSize:\t").add(files == null ? 0 : slots(files)).add("\nGroups:\t");
        for (int id : c.groups()) {
            out.add(users.shownGid(id) & 0xffffffffL).add(' ');
        }
        out.add(c.groups().length == 0 ? " \n" : "\n");
        numbers("NStgid:", group.pid(), out);
        numbers("\nNSpid:", task.pid(), out);
        numbers("\nNSpgid:", group.processGroup().pid(), out);
        numbers("\nNSsid:", group.session().pid(), out);
        out.add("\nKthread:\t0\n");
    }

    /** Numbers from the mount's namespace down to the task's. */
    private void numbers(String key, Pid pid, TextBuffer out) {
        out.add(key);
        PidNamespace innermost = task.pids();
        for (int level = pids.level(); level <= innermost.level(); level++) {
            out.add('\t').add(pid.numberIn(innermost.ancestor(level)));
        }
    }

    /** How many descriptors the table has room for: a power of two, at least 64. */
    private static int slots(FdTable files) {
        int[] used = files.descriptors();
        int highest = used.length == 0 ? 0 : used[used.length - 1];
        return Math.max(64, Integer.highestOneBit(Math.max(1, highest)) << 1);
    }

    private static void ids(
            TextBuffer out, String key, int real, int effective, int saved, int fs) {
        out.add(key).add(":\t").add(real & 0xffffffffL);
        out.add('\t').add(effective & 0xffffffffL);
        out.add('\t').add(saved & 0xffffffffL);
        out.add('\t').add(fs & 0xffffffffL).add('\n');
    }

    private void memory(MemoryManager memory, TextBuffer out) {
        MemoryText.Sums sums = MemoryText.sums(memory);
        MemoryManager.Layout layout = memory.layout();
        MemoryManager.Resident resident = new MemoryManager.Resident();
        memory.resident(resident);
        long peak = memory.peakResidentBytes(new AddressSpace.HostUsage());
        long text = MemoryText.pages(layout.startCode, layout.endCode) << 12;
        row(out, "VmPeak", memory.peakMappedBytes());
        row(out, "VmSize", memory.mappedBytes());
        row(out, "VmLck", memory.lockedBytes());
        row(out, "VmPin", 0);
        row(out, "VmHWM", Math.max(peak, resident.total()));
        row(out, "VmRSS", resident.total());
        row(out, "RssAnon", resident.anonymous);
        row(out, "RssFile", resident.file);
        row(out, "RssShmem", resident.shared);
        row(out, "VmData", sums.data);
        row(out, "VmStk", sums.stack);
        row(out, "VmExe", text);
        row(out, "VmLib", Math.max(0, sums.exec - text));
        row(out, "VmPTE", PAGE_TABLES_BYTES_MIN + (resident.total() >> 9 & -4096));
        row(out, "VmSwap", 0);
        row(out, "HugetlbPages", 0);
    }

    private static void row(TextBuffer out, String key, long bytes) {
        out.add(key).add(":\t").add(bytes >> 10, MEMORY_WIDTH).add(" kB\n");
    }

    private void signals(TextBuffer out) {
        GroupSignals signals = group.signals();
        int queued = task.kernel().signalQuota().count(task.credentials().uid());
        out.add("SigQ:\t").add(queued).add('/');
        out.addUnsigned(group.limits().soft(Resource.RLIMIT_SIGPENDING)).add('\n');
        mask(out, "SigPnd", task.signals().pendingSet());
        mask(out, "ShdPnd", signals.pendingSet());
        mask(out, "SigBlk", task.signals().blocked());
        mask(out, "SigIgn", signals.handlers().ignoredMask());
        mask(out, "SigCgt", signals.handlers().caughtMask());
    }

    private void capabilities(TextBuffer out) {
        Credentials c = task.credentials();
        mask(out, "CapInh", c.inheritable());
        mask(out, "CapPrm", c.permitted());
        mask(out, "CapEff", c.effective());
        mask(out, "CapBnd", c.bounding());
        mask(out, "CapAmb", c.ambient());
    }

    private static void mask(TextBuffer out, String key, long value) {
        out.add(key).add(":\t").addHex(value, 16).add('\n');
    }

    private void affinity(TextBuffer out) {
        int cpus = Math.min(64, machine.cpus());
        long present = cpus == 64 ? -1 : (1L << cpus) - 1;
        long allowed = task.scheduling().affinity() & present;
        out.add("Cpus_allowed:\t").addHex(allowed, (cpus + 3) / 4).add('\n');
        out.add("Cpus_allowed_list:\t");
        CpuLists.add(out, allowed);
        out.add("\nMems_allowed:\t");
        for (int i = 1; i < MEMS_ALLOWED_WORDS; i++) {
            out.add("00000000,");
        }
        out.add("00000001\nMems_allowed_list:\t0\n");
    }
}
