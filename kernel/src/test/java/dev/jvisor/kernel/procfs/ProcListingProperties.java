// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import static dev.jvisor.kernel.procfs.ProcReader.errnoOf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.pipe.Pipefs;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.sysfs.SysFilesystemType;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TestProcesses;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Listing, lookup and attributes agree, whatever names somebody asks for. */
class ProcListingProperties {

    private static TestProcesses processes;
    private static Task init;

    @BeforeContainer
    static void start() throws ErrnoException {
        processes = new TestProcesses();
        MachineInfo machine = new MachineInfo().setCpus(3);
        processes.mountRoot(new ProcFilesystemType(processes.kernel(), machine).mount(""));
        init = processes.newProcess("init", Credentials.ROOT);
        Task other = processes.newProcess("other", Credentials.ROOT);
        processes.newThread(other);
        for (int i = 0; i < 4; i++) {
            Pipefs.Ends ends = Pipefs.create(other, 0);
            other.files().install(ends.reader(), 3 * i, false, 1024);
            other.files().install(ends.writer(), 3 * i, true, 1024);
        }
        Task zombie = processes.newProcess("zombie", Credentials.ROOT);
        processes.exit(zombie);
        VfsPath at = Vfs.resolve(init, null, "/bus", 0);
        processes
                .kernel()
                .mounts()
                .mount(new SysFilesystemType(processes.kernel(), machine).mount(), at, 0, "sysfs");
    }

    @AfterContainer
    static void stop() throws Exception {
        processes.close();
    }

    private static int typeOf(int mode) {
        return (mode & StatMode.S_IFMT) >> 12;
    }

    @Example
    void everyListedNameLeadsToWhatWasListed() throws ErrnoException {
        ArrayDeque<String> left = new ArrayDeque<>();
        left.add("");
        Set<String> numbers = new HashSet<>();
        int files = 0;
        while (!left.isEmpty()) {
            String directory = left.remove();
            String path = directory.isEmpty() ? "/" : directory;
            Set<String> names = new HashSet<>();
            for (ProcReader.Entry entry : ProcReader.list(init, path, 100)) {
                assertThat(names.add(entry.name()))
                        .as(path + " " + entry.name())
                        .isTrue();
                if (entry.name().startsWith(".")) {
                    assertThat(entry.type()).isEqualTo(Dirent.DT_DIR);
                    continue;
                }
                String child = directory + "/" + entry.name();
                VfsPath place = Vfs.resolve(init, null, child, Fcntl.AT_SYMLINK_NOFOLLOW);
                FileStatus status = new FileStatus();
                Vfs.stat(init, place, status);
                assertThat(typeOf(status.mode)).as(child).isEqualTo(entry.type());
                if (!child.equals("/bus")) { // where sysfs is mounted
                    assertThat(status.inode).as(child).isEqualTo(entry.inode());
                }
                String identity = status.device + ":" + status.inode;
                assertThat(numbers.add(identity))
                        .as(child + " is unique " + identity)
                        .isTrue();
                if (entry.type() == Dirent.DT_DIR) {
                    left.add(child);
                } else if (entry.type() == Dirent.DT_REG) {
                    files++;
                    readOrRefuse(child, status.mode);
                }
            }
            assertThat(names).contains(".", "..");
        }
        assertThat(files).isGreaterThan(400);
    }

    /** Everything that has a mode to be read answers, or says that the process is gone. */
    private static void readOrRefuse(String path, int mode) {
        if ((mode & 0444) == 0) {
            return;
        }
        assertThat(errnoOf(() -> ProcReader.read(init, path)))
                .as(path)
                .isIn(null, Errno.ESRCH, Errno.EINVAL, Errno.EIO);
        boolean gone = path.startsWith("/4/");
        if (!gone && !path.endsWith("/mem") && !path.contains("/attr/")) {
            assertThat(errnoOf(() -> ProcReader.read(init, path))).as(path).isNull();
        }
    }

    @Property(tries = 30)
    void listingDoesNotDependOnTheBuffer(@ForAll @IntRange(min = 1, max = 9) int atOnce)
            throws ErrnoException {
        for (String path : new String[] {"/", "/2", "/2/fd", "/2/task", "/2/ns", "/sys/kernel"}) {
            List<ProcReader.Entry> whole = ProcReader.list(init, path, 1000);
            assertThat(ProcReader.list(init, path, atOnce)).as(path).isEqualTo(whole);
        }
    }

    @Property(tries = 300)
    void namesThatAreNotThereAreNotFound(@ForAll @StringLength(min = 1, max = 12) String name) {
        String latin = name.replace('/', '_').replace('\0', '_');
        for (String path : new String[] {"/", "/2/", "/2/fd/", "/2/task/", "/2/ns/", "/sys/"}) {
            if (!latin.matches("[0-9a-z.]+")) {
                assertThat(errnoOf(() -> Vfs.resolve(init, null, path + latin, 0)))
                        .isEqualTo(Errno.ENOENT);
            }
        }
    }

    @Example
    void numbersHaveOneSpelling() {
        for (String name : new String[] {
            "01",
            "+1",
            "-1",
            "1 ",
            " 1",
            "1x",
            "0x1",
            "4294967297",
            "99999999999999999999",
            "0",
            "١",
        }) {
            for (String path : new String[] {"/", "/1/task/"}) {
                assertThat(errnoOf(() -> Vfs.resolve(init, null, path + name, 0)))
                        .as(path + name)
                        .isEqualTo(Errno.ENOENT);
            }
        }
        assertThat(errnoOf(() -> Vfs.resolve(init, null, "/2/fd/00", 0))).isEqualTo(Errno.ENOENT);
    }

    @Example
    void nothingCanBeMadeOrRemoved() {
        CallContext who = init;
        assertThat(errnoOf(() -> ProcReader.open(who, "/new", Fcntl.O_CREAT | Fcntl.O_WRONLY)))
                .isEqualTo(Errno.ENOENT);
        assertThat(errnoOf(() -> Vfs.mkdir(who, null, "/2/new", 0777))).isEqualTo(Errno.ENOENT);
        assertThat(errnoOf(() -> Vfs.mkdir(who, null, "/sys/new", 0777))).isEqualTo(Errno.ENOENT);
        assertThat(errnoOf(() -> Vfs.unlink(who, null, "/version", 0))).isEqualTo(Errno.EPERM);
        assertThat(errnoOf(() -> Vfs.unlink(who, null, "/sys", Fcntl.AT_REMOVEDIR)))
                .isEqualTo(Errno.EPERM);
        assertThat(errnoOf(() -> Vfs.chmod(who, Vfs.resolve(who, null, "/2/stat", 0), 0777)))
                .isEqualTo(Errno.EPERM);
        assertThat(errnoOf(() -> ProcReader.open(who, "/bus/new", Fcntl.O_CREAT)))
                .isEqualTo(Errno.EACCES);
        assertThat(errnoOf(() -> Vfs.mkdir(who, null, "/bus/new", 0777))).isEqualTo(Errno.EPERM);
    }

    @Example
    void threadsAreFoundByNumberButNotListed() throws ErrnoException {
        Task other = processes.kernel().tasks().task(2);
        int tid = other.threadGroup().tasks()[1].tid();
        assertThat(ProcReader.read(init, "/" + tid + "/status")).contains("\nTgid:\t2\n");
        assertThat(ProcReader.list(init, "/", 1000))
                .extracting(ProcReader.Entry::name)
                .contains("1", "2")
                .doesNotContain(Integer.toString(tid));
        assertThat(ProcReader.list(init, "/2/task", 10))
                .extracting(ProcReader.Entry::name)
                .containsExactly(".", "..", "2", Integer.toString(tid));
        assertThat(errnoOf(() -> Vfs.resolve(init, null, "/1/task/2", 0))).isEqualTo(Errno.ENOENT);
    }
}
