// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.signal.GroupSignals;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.Resource;

/** {@code /proc/PID/status} (Linux: proc_pid_status). */
final class StatusText {

    private static final int MEMS_ALLOWED_WORDS = 32;
    private static final int MEMORY_WIDTH = 8;

    private final Task task;
    private final ThreadGroup group;
    private final MachineInfo machine;

    StatusText(Task task, MachineInfo machine) {
        this.task = task;
        this.group = task.threadGroup();
        this.machine = machine;
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
        out.add("Seccomp:\t0\nSeccomp_filters:\t0\n");
        out.add("Speculation_Store_Bypass:\tvulnerable\n");
        out.add("SpeculationIndirectBranch:\talways enabled\n");
        affinity(out);
        out.add("voluntary_ctxt_switches:\t0\nnonvoluntary_ctxt_switches:\t0\n");
    }

    private static String stateName(char state) {
        return switch (state) {
            case 'Z' -> "Z (zombie)";
            case 'T' -> "T (stopped)";
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
        out.add("Tgid:\t").add(group.id()).add("\nNgid:\t0\nPid:\t").add(task.tid());
        out.add("\nPPid:\t").add(group.parentId()).add("\nTracerPid:\t0\n");
        Credentials c = task.credentials();
        ids(out, "Uid", c.uid(), c.euid(), c.suid(), c.fsuid());
        ids(out, "Gid", c.gid(), c.egid(), c.sgid(), c.fsgid());
        FdTable files = task.filesOrNull();
        out.add("FDSize:\t").add(files == null ? 0 : slots(files)).add("\nGroups:\t");
        for (int id : c.groups()) {
            out.add(id & 0xffffffffL).add(' ');
        }
        out.add(c.groups().length == 0 ? " \n" : "\n");
        out.add("NStgid:\t").add(group.id()).add("\nNSpid:\t").add(task.tid());
        out.add("\nNSpgid:\t").add(group.processGroup().id());
        out.add("\nNSsid:\t").add(group.session().id()).add("\nKthread:\t0\n");
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
        long total = memory.mappedBytes();
        long resident = memory.residentBytes();
        long text = MemoryText.pages(layout.startCode, layout.endCode) << 12;
        row(out, "VmPeak", total);
        row(out, "VmSize", total);
        row(out, "VmLck", 0);
        row(out, "VmPin", 0);
        row(out, "VmHWM", resident);
        row(out, "VmRSS", resident);
        row(out, "RssAnon", Math.max(0, resident - sums.shared));
        row(out, "RssFile", 0);
        row(out, "RssShmem", Math.min(resident, sums.shared));
        row(out, "VmData", sums.data);
        row(out, "VmStk", sums.stack);
        row(out, "VmExe", text);
        row(out, "VmLib", Math.max(0, sums.exec - text));
        row(out, "VmPTE", (total >> 9) + 4096);
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
