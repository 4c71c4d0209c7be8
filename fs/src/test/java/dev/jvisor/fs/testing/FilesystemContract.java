// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.testing;

import static dev.jvisor.fs.testing.Files.assertErrno;
import static dev.jvisor.fs.testing.Files.find;
import static dev.jvisor.fs.testing.Files.link;
import static dev.jvisor.fs.testing.Files.list;
import static dev.jvisor.fs.testing.Files.mkdir;
import static dev.jvisor.fs.testing.Files.open;
import static dev.jvisor.fs.testing.Files.read;
import static dev.jvisor.fs.testing.Files.rename;
import static dev.jvisor.fs.testing.Files.rmdir;
import static dev.jvisor.fs.testing.Files.stat;
import static dev.jvisor.fs.testing.Files.symlink;
import static dev.jvisor.fs.testing.Files.unlink;
import static dev.jvisor.fs.testing.Files.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.Files.Call;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FilesystemStatus;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.abi.StatMode;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every writable file system does, seen through the VFS as root on it. */
public abstract class FilesystemContract {

    protected TestContext c;

    /** Makes an empty instance. */
    protected abstract Filesystem newFilesystem() throws ErrnoException;

    /** Whether root may make device nodes in it. */
    protected boolean makesDevices() {
        return true;
    }

    @BeforeEach
    final void mountIt() throws ErrnoException {
        c = TestContext.on(newFilesystem());
    }

    @Test
    void writtenFileReadsBack() throws ErrnoException {
        write(c, "/a", "hello");
        assertThat(read(c, "/a")).isEqualTo("hello");
        FileStatus s = stat(c, "/a");
        assertThat(s.size).isEqualTo(5);
        assertThat(s.mode).isEqualTo(StatMode.S_IFREG | 0644);
        assertThat(s.links).isEqualTo(1);
    }

    @Test
    void openWithoutCreateOfMissingFileFails() {
        assertErrno(Errno.ENOENT, () -> open(c, "/a", Fcntl.O_RDONLY));
    }

    @Test
    void exclusiveCreateOfExistingFileFails() throws ErrnoException {
        write(c, "/a", "");
        symlink(c, "nowhere", "/l");
        int flags = Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL;
        assertErrno(Errno.EEXIST, () -> open(c, "/a", flags));
        assertErrno(Errno.EEXIST, () -> open(c, "/l", flags));
    }

    @Test
    void createThroughDanglingLinkMakesItsTarget() throws ErrnoException {
        mkdir(c, "/d");
        symlink(c, "d/target", "/l");
        write(c, "/l", "x");
        assertThat(read(c, "/d/target")).isEqualTo("x");
    }

    @Test
    void truncateAndHolesReadAsZero() throws ErrnoException {
        write(c, "/a", "abcdef");
        Vfs.truncate(c, find(c, "/a"), 3);
        Vfs.truncate(c, find(c, "/a"), 8);
        assertThat(read(c, "/a")).isEqualTo("abc\0\0\0\0\0");
    }

    @Test
    void appendWritesAtTheEnd() throws ErrnoException {
        write(c, "/a", "abc");
        FileDescription file = open(c, "/a", Fcntl.O_WRONLY | Fcntl.O_APPEND);
        write(c, file, "def");
        assertThat(file.position()).isEqualTo(6);
        file.release();
        assertThat(read(c, "/a")).isEqualTo("abcdef");
    }

    @Test
    void fileSizeLimitRaisesSigxfsz() throws ErrnoException {
        c.limits.put(Resource.RLIMIT_FSIZE, 4L);
        FileDescription file = open(c, "/a", Fcntl.O_WRONLY | Fcntl.O_CREAT);
        assertThat(write(c, file, "abcdef")).isEqualTo(4);
        assertErrno(Errno.EFBIG, () -> write(c, file, "g"));
        assertThat(c.signals).containsExactly(Signals.SIGXFSZ);
        file.release();
    }

    @Test
    void directoryListsWhatIsInIt() throws ErrnoException {
        mkdir(c, "/d");
        write(c, "/d/a", "");
        mkdir(c, "/d/b");
        symlink(c, "a", "/d/c");
        assertThat(list(c, "/d")).containsExactlyInAnyOrder("a", "b", "c");
        unlink(c, "/d/a");
        rmdir(c, "/d/b");
        assertThat(list(c, "/d")).containsExactly("c");
    }

    @Test
    void directoryCanBeReadEntryByEntryWhileItShrinks() throws ErrnoException {
        mkdir(c, "/d");
        for (int i = 0; i < 50; i++) {
            write(c, "/d/f" + i, "");
        }
        FileDescription file = open(c, "/d", Fcntl.O_RDONLY);
        for (int rounds = 0; rounds < 60; rounds++) {
            String[] one = new String[1];
            file.iterate(c, (name, inode, type, offset) -> {
                if (one[0] != null) {
                    return false;
                }
                one[0] = name;
                return true;
            });
            if (one[0] == null) {
                break;
            }
            if (one[0].startsWith("f")) {
                unlink(c, "/d/" + one[0]);
            }
        }
        file.release();
        rmdir(c, "/d");
    }

    @Test
    void directoryLinksCountSubdirectories() throws ErrnoException {
        mkdir(c, "/d");
        mkdir(c, "/d/a");
        mkdir(c, "/d/b");
        assertThat(stat(c, "/d").links).isIn(1, 4); // 1: not counted, as some Linux file systems
        rmdir(c, "/d/a");
        assertThat(stat(c, "/d").links).isIn(1, 3);
    }

    @Test
    void hardLinksShareTheFile() throws ErrnoException {
        write(c, "/a", "one");
        link(c, "/a", "/b");
        write(c, "/b", "two");
        assertThat(read(c, "/a")).isEqualTo("two");
        assertThat(stat(c, "/a").inode).isEqualTo(stat(c, "/b").inode);
        assertThat(stat(c, "/a").links).isEqualTo(2);
        unlink(c, "/a");
        assertThat(stat(c, "/b").links).isEqualTo(1);
        assertThat(read(c, "/b")).isEqualTo("two");
    }

    @Test
    void unlinkedFileLivesAsLongAsItIsOpen() throws ErrnoException {
        write(c, "/a", "still here");
        FileDescription file = open(c, "/a", Fcntl.O_RDWR);
        unlink(c, "/a");
        assertErrno(Errno.ENOENT, () -> stat(c, "/a"));
        assertThat(read(c, file, 100)).isEqualTo("still here");
        FileStatus s = new FileStatus();
        file.inode().getAttributes(c, s);
        assertThat(s.links).isZero();
        assertThat(Vfs.pathOf(c, file.path())).isEqualTo("/a (deleted)");
        file.release();
    }

    @Test
    void renameMovesATreeWithAllBelow() throws ErrnoException {
        mkdir(c, "/d");
        mkdir(c, "/d/e");
        write(c, "/d/e/f", "x");
        FileDescription open = open(c, "/d/e/f", Fcntl.O_RDONLY);
        rename(c, "/d", "/new");
        assertThat(read(c, "/new/e/f")).isEqualTo("x");
        assertErrno(Errno.ENOENT, () -> stat(c, "/d"));
        assertThat(Vfs.pathOf(c, open.path())).isEqualTo("/new/e/f");
        open.release();
    }

    @Test
    void renameReplacesFilesAndEmptyDirectories() throws ErrnoException {
        write(c, "/a", "a");
        write(c, "/b", "b");
        rename(c, "/a", "/b");
        assertThat(read(c, "/b")).isEqualTo("a");
        mkdir(c, "/d");
        mkdir(c, "/e");
        mkdir(c, "/e/x");
        assertErrno(Errno.ENOTEMPTY, () -> rename(c, "/d", "/e"));
        rename(c, "/e", "/d");
        assertThat(list(c, "/d")).containsExactly("x");
    }

    @Test
    void renameChecksTypes() throws ErrnoException {
        write(c, "/f", "");
        mkdir(c, "/d");
        assertErrno(Errno.EISDIR, () -> rename(c, "/f", "/d"));
        assertErrno(Errno.ENOTDIR, () -> rename(c, "/d", "/f"));
        assertErrno(Errno.EINVAL, () -> rename(c, "/d", "/d/below"));
        mkdir(c, "/d/e");
        assertErrno(Errno.ENOTEMPTY, () -> rename(c, "/d/e", "/d"));
        assertErrno(Errno.ENOTDIR, () -> rename(c, "/f", "/g/"));
        assertErrno(Errno.EBUSY, () -> rename(c, "/d/.", "/x"));
    }

    @Test
    void renameExchangeSwaps() throws ErrnoException {
        write(c, "/f", "f");
        mkdir(c, "/d");
        write(c, "/d/in", "in");
        Vfs.rename(c, null, "/f", null, "/d", Fcntl.RENAME_EXCHANGE);
        assertThat(read(c, "/d")).isEqualTo("f");
        assertThat(read(c, "/f/in")).isEqualTo("in");
        assertErrno(
                Errno.EEXIST, () -> Vfs.rename(c, null, "/f", null, "/d", Fcntl.RENAME_NOREPLACE));
    }

    @Test
    void removalErrors() throws ErrnoException {
        mkdir(c, "/d");
        write(c, "/d/f", "");
        assertErrno(Errno.ENOTEMPTY, () -> rmdir(c, "/d"));
        assertErrno(Errno.EISDIR, () -> unlink(c, "/d"));
        assertErrno(Errno.ENOTDIR, () -> rmdir(c, "/d/f"));
        assertErrno(Errno.EINVAL, () -> rmdir(c, "/d/."));
        assertErrno(Errno.ENOTEMPTY, () -> rmdir(c, "/d/.."));
        assertErrno(Errno.EBUSY, () -> rmdir(c, "/"));
        assertErrno(Errno.ENOTDIR, () -> unlink(c, "/d/f/"));
        assertErrno(Errno.ENOENT, () -> unlink(c, "/d/g"));
    }

    @Test
    void creationErrors() throws ErrnoException {
        write(c, "/f", "");
        assertErrno(Errno.EEXIST, () -> mkdir(c, "/"));
        assertErrno(Errno.EEXIST, () -> mkdir(c, "/f"));
        assertErrno(Errno.ENOTDIR, () -> mkdir(c, "/f/d"));
        assertErrno(Errno.ENOENT, () -> mkdir(c, "/x/d"));
        assertErrno(Errno.ENOENT, () -> symlink(c, "t", "/l/"));
        assertErrno(Errno.EISDIR, () -> open(c, "/n/", Fcntl.O_CREAT | Fcntl.O_WRONLY));
        assertErrno(Errno.ENAMETOOLONG, () -> mkdir(c, "/" + "n".repeat(256)));
        mkdir(c, "/" + "n".repeat(255));
    }

    @Test
    void chmodChownAndTimesShowInStat() throws ErrnoException {
        write(c, "/a", "");
        VfsPath a = find(c, "/a");
        Vfs.chown(c, a, 5, 6);
        Vfs.chmod(c, a, 04755);
        Vfs.setTimes(c, a, new long[] {100, 1, 200, 2});
        FileStatus s = stat(c, "/a");
        assertThat(s.uid).isEqualTo(5);
        assertThat(s.gid).isEqualTo(6);
        assertThat(s.mode).isEqualTo(StatMode.S_IFREG | 04755);
        assertThat(s.accessSeconds).isEqualTo(100);
        assertThat(s.accessNanos).isEqualTo(1);
        assertThat(s.modifySeconds).isEqualTo(200);
        assertThat(s.modifyNanos).isEqualTo(2);
        Vfs.chown(c, a, 7, -1);
        assertThat(stat(c, "/a").mode).isEqualTo(StatMode.S_IFREG | 0755);
    }

    @Test
    void nodesKeepTypeAndNumber() throws ErrnoException {
        Vfs.mknod(c, null, "/fifo", StatMode.S_IFIFO | 0600, 0);
        assertThat(stat(c, "/fifo").mode).isEqualTo(StatMode.S_IFIFO | 0600);
        Call makeDevice = () -> Vfs.mknod(c, null, "/null", StatMode.S_IFCHR | 0600, 0x103);
        if (!makesDevices()) {
            assertErrno(Errno.EPERM, makeDevice);
            return;
        }
        makeDevice.run();
        assertThat(stat(c, "/null").rdevice).isEqualTo(0x103);
    }

    @Test
    void setGroupDirectoryHandsItsGroupDown() throws ErrnoException {
        mkdir(c, "/d");
        Vfs.chown(c, find(c, "/d"), -1, 77);
        Vfs.chmod(c, find(c, "/d"), 02777);
        mkdir(c, "/d/e");
        write(c, "/d/f", "");
        assertThat(stat(c, "/d/e").gid).isEqualTo(77);
        assertThat(stat(c, "/d/e").mode & StatMode.S_ISGID).isNotZero();
        assertThat(stat(c, "/d/f").gid).isEqualTo(77);
        assertThat(stat(c, "/d/f").mode & StatMode.S_ISGID).isZero();
    }

    @Test
    void writeByOthersClearsSetUserId() throws ErrnoException {
        write(c, "/a", "");
        Vfs.chmod(c, find(c, "/a"), 06777);
        write(c.as(1000, 1000), open(c.as(1000, 1000), "/a", Fcntl.O_WRONLY), "x");
        assertThat(stat(c, "/a").mode).isEqualTo(StatMode.S_IFREG | 0777);
    }

    @Test
    void tmpfileHasNoNameUntilItIsLinked() throws ErrnoException {
        mkdir(c, "/d");
        FileDescription file = open(c, "/d", Fcntl.O_TMPFILE | Fcntl.O_RDWR);
        write(c, file, "text");
        assertThat(list(c, "/d")).isEmpty();
        Vfs.link(c, file.path(), "", null, "/d/name", Fcntl.AT_EMPTY_PATH);
        file.release();
        assertThat(read(c, "/d/name")).isEqualTo("text");
    }

    @Test
    void xattrsAreKept() throws ErrnoException {
        write(c, "/a", "");
        var inode = find(c, "/a").dentry().inode();
        inode.setXattr(c, "user.k", new byte[] {1, 2}, 0);
        var again = find(c, "/a").dentry().inode();
        assertThat(again.getXattr(c, "user.k")).containsExactly(1, 2);
        assertThat(again.listXattr(c)).containsExactly("user.k");
        again.removeXattr(c, "user.k");
        assertThat(again.listXattr(c)).isEmpty();
    }

    @Test
    void statfsAnswers() throws ErrnoException {
        FilesystemStatus status = new FilesystemStatus();
        Vfs.statfs(c, find(c, "/"), status);
        assertThat(status.blockSize).isPositive();
        assertThat(status.nameLength).isEqualTo(255);
    }
}
