// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.fs.testing.Files.assertErrno;
import static dev.jvisor.fs.testing.Files.errnoOf;
import static dev.jvisor.fs.testing.Files.find;
import static dev.jvisor.fs.testing.Files.mkdir;
import static dev.jvisor.fs.testing.Files.open;
import static dev.jvisor.fs.testing.Files.read;
import static dev.jvisor.fs.testing.Files.rmdir;
import static dev.jvisor.fs.testing.Files.stat;
import static dev.jvisor.fs.testing.Files.symlink;
import static dev.jvisor.fs.testing.Files.unlink;
import static dev.jvisor.fs.testing.Files.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PathWalkTests {

    private TestContext c;

    @BeforeEach
    void makeTree() throws ErrnoException {
        c = TestContext.onTmpfs();
        mkdir(c, "/d");
        mkdir(c, "/d/e");
        write(c, "/d/f", "text");
        symlink(c, "d/e", "/toe");
        symlink(c, "/d/f", "/tof");
        symlink(c, "loop", "/loop");
    }

    private Errno resolve(String path) {
        return errnoOf(() -> Vfs.resolve(c, null, path, 0));
    }

    @Test
    void dotsSlashesAndLinksLeadToTheSamePlace() throws ErrnoException {
        VfsPath f = find(c, "/d/f");
        assertThat(Vfs.resolve(c, null, "//d/./e/..//f", 0)).isEqualTo(f);
        assertThat(Vfs.resolve(c, null, "/toe/../f", 0)).isEqualTo(f);
        assertThat(Vfs.resolve(c, null, "tof", 0)).isEqualTo(f);
        assertThat(Vfs.resolve(c, find(c, "/d"), "f", 0)).isEqualTo(f);
        assertThat(Vfs.resolve(c, null, "/../../d/f", 0)).isEqualTo(f);
    }

    @Test
    void errorsOfBadPaths() {
        assertThat(resolve("")).isEqualTo(Errno.ENOENT);
        assertThat(resolve("/d/f/")).isEqualTo(Errno.ENOTDIR);
        assertThat(resolve("/d/f/x")).isEqualTo(Errno.ENOTDIR);
        assertThat(resolve("/d/f/.")).isEqualTo(Errno.ENOTDIR);
        assertThat(resolve("/d/f/..")).isEqualTo(Errno.ENOTDIR);
        assertThat(resolve("/d/x/..")).isEqualTo(Errno.ENOENT);
        assertThat(resolve("/tof/")).isEqualTo(Errno.ENOTDIR);
        assertThat(resolve("/loop")).isEqualTo(Errno.ELOOP);
        assertThat(resolve("/loop/x")).isEqualTo(Errno.ELOOP);
        assertThat(resolve("/d/" + "n".repeat(256))).isEqualTo(Errno.ENAMETOOLONG);
        assertThat(resolve("/" + "d/../".repeat(1000))).isEqualTo(Errno.ENAMETOOLONG);
        assertThat(resolve("/" + "d/../".repeat(800))).isNull();
    }

    @Test
    void fortyLinksAreFollowedAndNoMore() throws ErrnoException {
        symlink(c, "d", "/l0");
        for (int i = 1; i < 41; i++) {
            symlink(c, "l" + (i - 1), "/l" + i);
        }
        assertThat(resolve("/l39")).isNull();
        assertThat(resolve("/l40")).isEqualTo(Errno.ELOOP);
    }

    @Test
    void trailingSlashFollowsTheLastLink() throws ErrnoException {
        VfsPath e = find(c, "/d/e");
        int noFollow = Fcntl.AT_SYMLINK_NOFOLLOW;
        assertThat(Vfs.resolve(c, null, "/toe/", noFollow)).isEqualTo(e);
        assertThat(Vfs.resolve(c, null, "/toe", noFollow)).isNotEqualTo(e);
        assertErrno(Errno.ENOTDIR, () -> rmdir(c, "/toe/"));
        assertErrno(Errno.EEXIST, () -> mkdir(c, "/toe/"));
    }

    @Test
    void openFlagsOnLinksAndDirectories() throws ErrnoException {
        assertErrno(Errno.ELOOP, () -> open(c, "/tof", Fcntl.O_NOFOLLOW));
        assertErrno(Errno.ENOTDIR, () -> open(c, "/toe", Fcntl.O_NOFOLLOW | Fcntl.O_DIRECTORY));
        assertErrno(Errno.ENOTDIR, () -> open(c, "/d/f", Fcntl.O_DIRECTORY));
        assertErrno(Errno.EISDIR, () -> open(c, "/d", Fcntl.O_WRONLY));
        assertErrno(Errno.EISDIR, () -> open(c, "/d", Fcntl.O_CREAT));
        assertErrno(Errno.EISDIR, () -> open(c, "/d/.", Fcntl.O_CREAT));
        assertErrno(Errno.EEXIST, () -> open(c, "/d", Fcntl.O_CREAT | Fcntl.O_EXCL));
        assertErrno(Errno.EINVAL, () -> open(c, "/d", Fcntl.O_CREAT | Fcntl.O_DIRECTORY));
        FileDescription link = open(c, "/tof", Fcntl.O_PATH | Fcntl.O_NOFOLLOW);
        assertThat(Vfs.readlink(c, link.path(), "")).isEqualTo("/d/f");
        assertErrno(Errno.EBADF, () -> read(c, link, 1));
    }

    @Test
    void removedDirectoryIsEmptyForItsUsers() throws ErrnoException {
        VfsPath e = find(c, "/d/e");
        rmdir(c, "/d/e");
        assertErrno(Errno.ENOENT, () -> Vfs.mkdir(c, e, "x", 0777));
        assertErrno(Errno.ENOENT, () -> Vfs.open(c, e, "x", Fcntl.O_CREAT, 0666, 0));
        assertThat(Vfs.resolve(c, e, "..", 0)).isEqualTo(find(c, "/d"));
        assertThat(Vfs.pathOf(c, e)).isEqualTo("/d/e (deleted)");
    }

    @Test
    void chrootHidesWhatIsOutside() throws ErrnoException {
        VfsPath outside = find(c, "/d/f");
        c.fs().setRoot(find(c, "/d/e"));
        c.fs().setWorkingDirectory(find(c, "/"));
        assertThat(resolve("/../f")).isEqualTo(Errno.ENOENT);
        assertThat(Vfs.pathOf(c, outside)).isEqualTo("(unreachable)/d/f");
        write(c, "/in", "x");
        assertThat(Vfs.pathOf(c, find(c, "in"))).isEqualTo("/in");
    }

    @Test
    void resolveBitsKeepTheWalkInside() throws ErrnoException {
        VfsPath d = find(c, "/d");
        symlink(c, "../d/f", "/d/up");
        symlink(c, "/e", "/d/abs");
        assertThat(openWith(d, "up", Fcntl.RESOLVE_BENEATH)).isEqualTo(Errno.EXDEV);
        assertThat(openWith(d, "e/../f", Fcntl.RESOLVE_BENEATH)).isNull();
        assertThat(openWith(d, "/f", Fcntl.RESOLVE_BENEATH)).isEqualTo(Errno.EXDEV);
        assertThat(openWith(d, "abs", Fcntl.RESOLVE_BENEATH)).isEqualTo(Errno.EXDEV);
        assertThat(openWith(d, "abs", Fcntl.RESOLVE_IN_ROOT)).isNull();
        assertThat(openWith(d, "/../../f", Fcntl.RESOLVE_IN_ROOT)).isNull();
        assertThat(openWith(d, "abs", Fcntl.RESOLVE_NO_SYMLINKS)).isEqualTo(Errno.ELOOP);
    }

    private Errno openWith(VfsPath start, String path, long resolve) {
        return errnoOf(() -> Vfs.open(c, start, path, 0, 0, resolve).release());
    }

    @Test
    void permissionsGuardSearchReadAndWrite() throws ErrnoException {
        TestContext user = c.as(1000, 1000, 5);
        Vfs.chmod(c, find(c, "/d"), 0700);
        assertErrno(Errno.EACCES, () -> stat(user, "/d/f"));
        Vfs.chmod(c, find(c, "/d"), 0711);
        assertThat(read(user, "/d/f")).isEqualTo("text");
        assertErrno(Errno.EACCES, () -> open(user, "/d", Fcntl.O_RDONLY));
        assertErrno(Errno.EACCES, () -> open(user, "/d/f", Fcntl.O_WRONLY));
        assertErrno(Errno.EACCES, () -> unlink(user, "/d/f"));
        Vfs.chmod(c, find(c, "/d/f"), 0060);
        assertErrno(Errno.EACCES, () -> open(user, "/d/f", Fcntl.O_RDONLY));
        Vfs.chown(c, find(c, "/d/f"), 0, 5);
        assertThat(read(user, "/d/f")).isEqualTo("text");
        Vfs.chown(c, find(c, "/d/f"), 1000, 5);
        assertErrno(Errno.EACCES, () -> read(user, "/d/f")); // the owner's bits count first
        assertErrno(Errno.EACCES, () -> Vfs.access(c, null, "/d/f", 1, 0));
    }

    @Test
    void stickyDirectoryKeepsOthersFiles() throws ErrnoException {
        Vfs.chmod(c, find(c, "/d"), 01777);
        assertErrno(Errno.EPERM, () -> unlink(c.as(1000, 1000), "/d/f"));
        Vfs.chown(c, find(c, "/d/f"), 1000, 1000);
        unlink(c.as(1000, 1000), "/d/f");
    }

    @Test
    void onlyTheOwnerChangesAttributes() throws ErrnoException {
        TestContext user = c.as(1000, 1000, 7);
        VfsPath f = find(c, "/d/f");
        assertErrno(Errno.EPERM, () -> Vfs.chmod(user, f, 0777));
        assertErrno(Errno.EPERM, () -> Vfs.chown(user, f, 1000, -1));
        assertErrno(Errno.EPERM, () -> Vfs.setTimes(user, f, new long[] {1, 1, 1, 1}));
        assertErrno(Errno.EACCES, () -> Vfs.setTimes(user, f, null));
        Vfs.chown(c, f, 1000, 1000);
        Vfs.chown(user, f, -1, 7);
        assertErrno(Errno.EPERM, () -> Vfs.chown(user, f, -1, 8));
        Vfs.chmod(user, f, 02755);
        assertThat(stat(c, "/d/f").mode & 07777).isEqualTo(02755);
        Vfs.chown(c, f, -1, 9);
        Vfs.chmod(user, f, 02755); // not in the group: the bit is dropped
        assertThat(stat(c, "/d/f").mode & 07777).isEqualTo(0755);
    }

    @Test
    void executedFileCannotBeWritten() throws ErrnoException {
        Vfs.chmod(c, find(c, "/d/f"), 0755);
        FileDescription program = Vfs.openForExec(c, null, "/d/f", 0);
        assertErrno(Errno.ETXTBSY, () -> open(c, "/d/f", Fcntl.O_WRONLY));
        assertErrno(Errno.ETXTBSY, () -> Vfs.truncate(c, find(c, "/d/f"), 0));
        program.release();
        FileDescription writer = open(c, "/d/f", Fcntl.O_WRONLY);
        assertErrno(Errno.ETXTBSY, () -> Vfs.openForExec(c, null, "/d/f", 0));
        writer.release();
        Vfs.openForExec(c, null, "/d/f", 0).release();
        assertErrno(Errno.EACCES, () -> Vfs.openForExec(c, null, "/d", 0));
    }
}
