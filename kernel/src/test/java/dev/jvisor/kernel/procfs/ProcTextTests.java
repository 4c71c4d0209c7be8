// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import static dev.jvisor.kernel.procfs.ProcReader.errnoOf;
import static dev.jvisor.kernel.procfs.ProcReader.read;
import static dev.jvisor.kernel.procfs.ProcReader.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.pipe.Pipefs;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TestProcesses;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.MountFlags;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Formats are Linux's; who may see and write what. */
class ProcTextTests {

    private static final int[] NO_GROUPS = {};
    private static final Credentials USER = Credentials.of(1000, 1000, NO_GROUPS, 0);

    private TestProcesses processes;
    private MountNamespace mounts;
    private Task init;
    private Task user;

    @BeforeEach
    void start() throws ErrnoException {
        processes = new TestProcesses();
        MachineInfo machine = new MachineInfo().setCpus(2);
        mounts = processes.mountRoot(new ProcFilesystemType(processes.kernel(), machine).mount(""));
        init = processes.newProcess("init", Credentials.ROOT);
        user = processes.newProcess("user", USER);
    }

    @AfterEach
    void stop() throws Exception {
        processes.close();
    }

    // Formats.

    @Test
    void statHasFiftyTwoFieldsWhateverTheName() throws ErrnoException {
        init.setName("a) R 7 (b\nc");
        String line = read(user, "/1/stat");
        assertThat(line).startsWith("1 (a) R 7 (b\\012c) ").endsWith("\n");
        assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
        String[] rest = line.substring(line.lastIndexOf(')') + 2).strip().split(" ");
        assertThat(rest).hasSize(50);
        assertThat(rest[0]).isEqualTo("R");
        for (int i = 1; i < rest.length; i++) {
            assertThat(rest[i]).matches("-?[0-9]+");
        }
    }

    @Test
    void statusHasLinuxKeysInOrder() throws ErrnoException {
        StringBuilder keys = new StringBuilder();
        for (String line : read(init, "/self/status").split("\n")) {
            keys.append(line, 0, line.indexOf(":\t")).append(' ');
        }
        assertThat(keys.toString())
                .isEqualTo(
                        "Name Umask State Tgid Ngid Pid PPid TracerPid Uid Gid FDSize Groups NStgid"
                                + " NSpid NSpgid NSsid Kthread VmPeak VmSize "
                                + "VmLck VmPin VmHWM VmRSS RssAnon"
                                + " RssFile RssShmem VmData VmStk VmExe "
                                + "VmLib VmPTE VmSwap HugetlbPages"
                                + " CoreDumping THP_enabled untag_mask "
                                + "Threads SigQ SigPnd ShdPnd SigBlk"
                                + " SigIgn SigCgt CapInh CapPrm CapEff "
                                + "CapBnd CapAmb NoNewPrivs Seccomp"
                                + " Seccomp_filters "
                                + "Speculation_Store_Bypass SpeculationIndirectBranch"
                                + " Cpus_allowed Cpus_allowed_list Mems_allowed Mems_allowed_list"
                                + " voluntary_ctxt_switches nonvoluntary_ctxt_switches ");
        assertThat(read(init, "/2/status")).contains("\nUid:\t1000\t1000\t1000\t1000\n");
    }

    @Test
    void mapsShowsWhatIsMapped() throws ErrnoException {
        MemoryManager memory = init.memory();
        int anonymous = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_FIXED;
        memory.mmap(0x200000, 0x3000, Mman.PROT_READ | Mman.PROT_WRITE, anonymous, null, 0);
        memory.mmap(0x400000, 0x1000, Mman.PROT_NONE, anonymous, null, 0);
        memory.mapStack(0x7ffff0000000L, 0x21000, Mman.PROT_READ | Mman.PROT_WRITE);
        memory.layout().startStack = 0x7fffeffff000L;
        assertThat(read(init, "/self/maps"))
                .isEqualTo("00200000-00203000 rw-p 00000000 00:00 0 \n"
                        + "00400000-00401000 ---p 00000000 00:00 0 \n"
                        + "7fffeffdf000-7ffff0000000 rw-p 00000000 00:00 0 "
                        + "                         [stack]\n"
                        + "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 "
                        + "                 [vsyscall]\n");
        assertThat(read(init, "/self/statm")).matches("37 [0-9]+ 0 [0-9]+ 0 36 0\n");
        assertThat(read(init, "/self/smaps")).contains("\nSize:                 12 kB\n");
        assertThat(read(init, "/self/status")).contains("VmSize:\t     148 kB\n");
    }

    @Test
    void argumentsAndEnvironmentAreReadFromMemory() throws ErrnoException {
        MemoryManager memory = init.memory();
        int anonymous = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_FIXED;
        memory.mmap(0x200000, 0x1000, Mman.PROT_READ | Mman.PROT_WRITE, anonymous, null, 0);
        byte[] strings = "cat\0file\0A=b\0C=d\0".getBytes(StandardCharsets.ISO_8859_1);
        memory.copyOut(0x200100, strings, 0, strings.length);
        MemoryManager.Layout layout = memory.layout();
        layout.argStart = 0x200100;
        layout.argEnd = layout.argStart + 9;
        layout.envStart = layout.argEnd;
        layout.envEnd = layout.argStart + strings.length;
        assertThat(read(user, "/1/cmdline")).isEqualTo("cat\0file\0");
        assertThat(read(init, "/1/environ")).isEqualTo("A=b\0C=d\0");
        memory.putByte(layout.argEnd - 1, (byte) '!');
        assertThat(read(user, "/1/cmdline")).isEqualTo("cat\0"); // a title ends at its first NUL
        layout.argEnd = Long.MAX_VALUE; // a hostile prctl
        layout.envStart = 0;
        assertThat(read(user, "/1/cmdline")).startsWith("cat\0file");
    }

    @Test
    void limitsLooksLikeLinuxs() throws ErrnoException {
        String[] lines = read(init, "/self/limits").split("\n");
        assertThat(lines).hasSize(17);
        assertThat(lines[0])
                .isEqualTo("Limit                     Soft Limit           Hard Limit           "
                        + "Units     ");
        assertThat(lines[4])
                .isEqualTo("Max stack size            8388608              unlimited            "
                        + "bytes     ");
        assertThat(lines[14])
                .isEqualTo("Max nice priority         0                    0                    ");
    }

    @Test
    void systemTextsAnswerTheirReaders() throws ErrnoException {
        assertThat(read(init, "/uptime")).matches("[0-9]+\\.[0-9]{2} [0-9]+\\.[0-9]{2}\n");
        assertThat(read(init, "/loadavg")).matches("[0-9.]+ [0-9.]+ [0-9.]+ [0-9]+/2 2\n");
        assertThat(read(init, "/meminfo")).startsWith("MemTotal:        1048576 kB\nMemFree: ");
        Matcher cpus =
                Pattern.compile("(?m)^processor\t: ([0-9])$").matcher(read(init, "/cpuinfo"));
        assertThat(cpus.results().map(r -> r.group(1))).containsExactly("0", "1");
        assertThat(read(init, "/stat")).contains("\ncpu1 ").doesNotContain("\ncpu2 ");
        assertThat(read(init, "/version")).startsWith("Linux version ");
        assertThat(read(init, "/self/task/1/children")).isEmpty();
    }

    @Test
    void mountsAreSeenFromTheProcessesRoot() throws ErrnoException {
        int flags = MountFlags.MS_NOSUID | MountFlags.MS_RDONLY | MountFlags.MS_NOATIME;
        ProcFilesystem second = new ProcFilesystemType(processes.kernel()).mount("hidepid=2");
        mounts.mount(second, Vfs.resolve(init, null, "/tty/driver", 0), flags, "a b#c");
        assertThat(read(init, "/mounts"))
                .isEqualTo("none / proc rw,relatime 0 0\n"
                        + "a\\040b\\043c /tty/driver proc ro,nosuid,noatime,"
                        + "hidepid=invisible 0 0\n");
        user.fs().setRoot(Vfs.resolve(init, null, "/tty", 0));
        assertThat(read(init, "/2/mounts"))
                .isEqualTo("a\\040b\\043c /driver proc ro,nosuid,noatime,hidepid=invisible 0 0\n");
        assertThat(read(init, "/2/mountinfo"))
                .matches("[0-9]+ [0-9]+ 0:[0-9]+ / /driver ro,nosuid,noatime - proc"
                        + " a\\\\040b\\\\043c ro,hidepid=invisible\n");
    }

    // Reading.

    @Test
    void aReaderSeesOneVersionUntilItStartsAgain() throws ErrnoException {
        FileDescription file = ProcReader.open(init, "/1/comm", Fcntl.O_RDONLY);
        byte[] two = new byte[2];
        assertThat(file.read(init, IovIter.of(two, 0, 2))).isEqualTo(2);
        init.setName("changed");
        assertThat(read(init, file, 3)).isEqualTo("it\n");
        file.seek(init, 0, 0);
        assertThat(read(init, file, 3)).isEqualTo("changed\n");
        assertThat(file.readAt(init, IovIter.of(two, 0, 2), Long.MAX_VALUE)).isZero();
        assertThat(errnoOf(() -> file.seek(init, 0, 2))).isEqualTo(Errno.EINVAL);
        file.release();
        assertThat(read(init, "/meminfo", 7)).hasSameSizeAs(read(init, "/meminfo"));
    }

    @Test
    void aProcessThatIsGoneAnswersSo() throws ErrnoException {
        FileDescription status = ProcReader.open(init, "/2/status", Fcntl.O_RDONLY);
        FileDescription maps = ProcReader.open(init, "/2/maps", Fcntl.O_RDONLY);
        processes.exit(user);
        assertThat(read(init, status, 100)).contains("State:\tZ (zombie)\n").doesNotContain("Vm");
        assertThat(read(init, maps, 100)).isEmpty();
        assertThat(read(init, "/2/cmdline")).isEmpty();
        assertThat(read(init, "/2/statm")).isEqualTo("0 0 0 0 0 0 0\n");
        assertThat(errnoOf(() -> read(init, "/2/environ"))).isEqualTo(Errno.ESRCH);
        assertThat(errnoOf(() -> read(init, "/2/mounts"))).isEqualTo(Errno.EINVAL);
        assertThat(errnoOf(() -> Vfs.readlink(init, null, "/2/exe"))).isEqualTo(Errno.ENOENT);
        FileDescription directory = ProcReader.open(init, "/2", Fcntl.O_RDONLY);
        processes.reap(user);
        status.seek(init, 0, 0);
        assertThat(errnoOf(() -> read(init, status, 100))).isEqualTo(Errno.ESRCH);
        assertThat(errnoOf(() -> read(init, "/2/status"))).isEqualTo(Errno.ENOENT);
        assertThat(errnoOf(() -> Vfs.resolve(init, directory.path(), "status", 0)))
                .isEqualTo(Errno.ESRCH);
    }

    // Permissions.

    @Test
    void othersMayNotLookInside() throws ErrnoException {
        for (String name : new String[] {"environ", "maps", "auxv", "smaps", "io", "mem"}) {
            assertThat(errnoOf(() -> read(user, "/1/" + name))).as(name).isEqualTo(Errno.EACCES);
        }
        assertThat(errnoOf(() -> Vfs.readlink(user, null, "/1/cwd"))).isEqualTo(Errno.EACCES);
        assertThat(errnoOf(() -> ProcReader.list(user, "/1/fd", 1))).isEqualTo(Errno.EACCES);
        assertThat(errnoOf(() -> read(user, "/1/fdinfo/0"))).isNotNull();
        assertThat(read(user, "/1/status")).contains("Name:\tinit\n");
        assertThat(read(user, "/2/maps")).isEmpty();
        Task twin = processes.newProcess("twin", USER);
        assertThat(read(twin, "/2/maps")).isEmpty();
        user.threadGroup().setDumpable(0);
        assertThat(errnoOf(() -> read(twin, "/2/maps"))).isEqualTo(Errno.EACCES);
        assertThat(errnoOf(() -> read(twin, "/2/environ"))).isEqualTo(Errno.EACCES);
    }

    @Test
    void aProcessThatGaveUpItsUserStillSeesItsDescriptors() throws ErrnoException {
        user.threadGroup().setDumpable(0);
        assertThat(ProcReader.list(user, "/self/fd", 9)).hasSize(2);
        assertThat(errnoOf(() -> read(user, "/self/auxv"))).isEqualTo(Errno.EACCES);
        Task twin = processes.newProcess("twin", Credentials.of(1000, 1000, NO_GROUPS, 0));
        assertThat(errnoOf(() -> ProcReader.list(twin, "/2/fd", 9))).isEqualTo(Errno.EACCES);
    }

    // Writing.

    @Test
    void aProcessNamesItself() throws ErrnoException {
        write(user, "/self/comm", "a-name-that-is-too-long\n");
        assertThat(read(init, "/2/comm")).isEqualTo("a-name-that-is-\n");
        assertThat(errnoOf(() -> write(init, "/2/comm", "no"))).isEqualTo(Errno.EINVAL);
    }

    @Test
    void oomScoreAdjustHasBounds() throws ErrnoException {
        write(user, "/self/oom_score_adj", " 500\n");
        assertThat(read(user, "/self/oom_score_adj")).isEqualTo("500\n");
        assertThat(errnoOf(() -> write(user, "/self/oom_score_adj", "0"))).isEqualTo(Errno.EACCES);
        write(init, "/2/oom_score_adj", "-0x10");
        assertThat(read(user, "/self/oom_score_adj")).isEqualTo("-16\n");
        for (String bad : new String[] {"1001", "-1001", "", "x", "1 2", "0x", "--1"}) {
            assertThat(errnoOf(() -> write(init, "/2/oom_score_adj", bad)))
                    .as(bad)
                    .isIn(Errno.EINVAL);
        }
    }

    @Test
    void sysctlsTakeWhatHasTheirForm() throws ErrnoException {
        write(init, "/sys/kernel/hostname", "box\n");
        assertThat(processes.kernel().uts().nodeName()).isEqualTo("box");
        write(init, "/sys/net/ipv4/ip_local_port_range", "1024 2048\n");
        assertThat(read(user, "/sys/net/ipv4/ip_local_port_range")).isEqualTo("1024\t2048\n");
        assertThat(errnoOf(() -> write(init, "/sys/vm/swappiness", "much")))
                .isEqualTo(Errno.EINVAL);
        assertThat(errnoOf(() -> write(init, "/sys/kernel/osrelease", "7")))
                .isEqualTo(Errno.EACCES);
        assertThat(errnoOf(() -> write(user, "/sys/kernel/hostname", "mine")))
                .isEqualTo(Errno.EACCES);
        assertThat(read(user, "/sys/kernel/random/uuid"))
                .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\n")
                .isNotEqualTo(read(user, "/sys/kernel/random/uuid"));
        assertThat(read(user, "/sys/kernel/random/boot_id"))
                .isEqualTo(read(user, "/sys/kernel/random/boot_id"));
    }

    // Descriptors and namespaces.

    @Test
    void descriptorsLeadToTheOpenFile() throws ErrnoException {
        Pipefs.Ends ends = Pipefs.create(init, 0);
        init.files().install(ends.reader(), 5, true, 1024);
        init.files().install(ends.writer(), 5, false, 1024);
        assertThat(Vfs.readlink(init, null, "/self/fd/5")).matches("pipe:\\[[0-9]+]");
        FileDescription again = ProcReader.open(init, "/self/fd/6", Fcntl.O_WRONLY);
        byte[] data = {'x', 'y'};
        again.write(init, IovIter.of(data, 0, 2));
        byte[] got = new byte[2];
        ends.reader().read(init, IovIter.of(got, 0, 2));
        assertThat(got).isEqualTo(data);
        again.release();
        assertThat(read(init, "/self/fdinfo/5")).startsWith("pos:\t0\nflags:\t02000000\nmnt_id:\t");
        init.files().remove(5).release();
        assertThat(errnoOf(() -> Vfs.readlink(init, null, "/self/fd/5"))).isEqualTo(Errno.ENOENT);
        assertThat(errnoOf(() -> read(init, "/self/fdinfo/5"))).isEqualTo(Errno.ENOENT);
        FileDescription text = ProcReader.open(init, "/version", Fcntl.O_RDONLY);
        init.files().install(text, 0, false, 1024);
        assertThat(Vfs.readlink(init, null, "/self/fd/0")).isEqualTo("/version");
        assertThat(read(init, "/self/fd/0")).startsWith("Linux");
    }

    @Test
    void mountNamespacesDiffer() throws ErrnoException {
        String mine = Vfs.readlink(init, null, "/1/ns/mnt");
        assertThat(mine).matches("mnt:\\[[0-9]+]");
        assertThat(Vfs.readlink(init, null, "/2/ns/mnt")).isEqualTo(mine);
        user.fs().moveTo(mounts.copy(dev.jvisor.fs.cred.UserNamespace.INITIAL));
        assertThat(Vfs.readlink(init, null, "/2/ns/mnt")).isNotEqualTo(mine);
        assertThat(Vfs.readlink(init, null, "/2/ns/uts"))
                .isEqualTo(Vfs.readlink(init, null, "/1/ns/uts"));
    }

    @Test
    void memoryIsReadByAddress() throws ErrnoException {
        MemoryManager memory = init.memory();
        int anonymous = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_FIXED;
        memory.mmap(0x200000, 0x1000, Mman.PROT_READ | Mman.PROT_WRITE, anonymous, null, 0);
        memory.putLong(0x200ff8, 0x0807060504030201L);
        FileDescription file = ProcReader.open(init, "/self/mem", Fcntl.O_RDWR);
        byte[] got = new byte[16];
        assertThat(file.readAt(init, IovIter.of(got, 0, 16), 0x200ff8)).isEqualTo(8);
        assertThat(got).startsWith(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(errnoOf(() -> file.readAt(init, IovIter.of(got, 0, 16), 0x201000)))
                .isEqualTo(Errno.EIO);
        assertThat(errnoOf(() -> file.readAt(init, IovIter.of(got, 0, 16), -8)))
                .isEqualTo(Errno.EIO);
        file.writeAt(init, IovIter.of(new byte[] {9}, 0, 1), 0x200ff8);
        assertThat(memory.getByte(0x200ff8)).isEqualTo((byte) 9);
        file.release();
    }
}
