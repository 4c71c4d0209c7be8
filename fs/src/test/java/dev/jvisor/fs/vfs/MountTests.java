// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.fs.testing.Files.assertErrno;
import static dev.jvisor.fs.testing.Files.find;
import static dev.jvisor.fs.testing.Files.list;
import static dev.jvisor.fs.testing.Files.mkdir;
import static dev.jvisor.fs.testing.Files.open;
import static dev.jvisor.fs.testing.Files.read;
import static dev.jvisor.fs.testing.Files.rename;
import static dev.jvisor.fs.testing.Files.rmdir;
import static dev.jvisor.fs.testing.Files.stat;
import static dev.jvisor.fs.testing.Files.unlink;
import static dev.jvisor.fs.testing.Files.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.tmpfs.Tmpfs;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class MountTests {

    private TestContext c;

    @BeforeEach
    void makeTree() throws ErrnoException {
        c = TestContext.onTmpfs();
        c.fs().mounts().registerType(Tmpfs.type(TestContext.pages(), 1 << 30));
        mkdir(c, "/m");
        write(c, "/m/covered", "");
        mkdir(c, "/other");
        write(c, "/other/file", "other");
    }

    private void mountTmpfs(String at, long flags) throws ErrnoException {
        Vfs.mount(c, "none", at, "tmpfs", flags, "mode=755");
    }

    private void bind(String from, String to, long more) throws ErrnoException {
        Vfs.mount(c, from, to, "", MountFlags.MS_BIND | more, "");
    }

    @Test
    void mountCoversAndUmountUncovers() throws ErrnoException {
        mountTmpfs("/m", 0);
        assertThat(list(c, "/m")).isEmpty();
        write(c, "/m/new", "x");
        assertThat(stat(c, "/m").device).isNotEqualTo(stat(c, "/").device);
        assertThat(Vfs.pathOf(c, find(c, "/m/new"))).isEqualTo("/m/new");
        assertThat(Vfs.resolve(c, null, "/m/..", 0)).isEqualTo(find(c, "/"));
        assertErrno(Errno.EXDEV, () -> rename(c, "/m/new", "/new"));
        assertErrno(Errno.EBUSY, () -> rmdir(c, "/m"));
        assertErrno(Errno.EBUSY, () -> rename(c, "/m", "/n"));
        Vfs.umount(c, "/m", 0);
        assertThat(list(c, "/m")).containsExactly("covered");
        assertErrno(Errno.EINVAL, () -> Vfs.umount(c, "/m", 0));
    }

    @Test
    void mountsStack() throws ErrnoException {
        mountTmpfs("/m", 0);
        write(c, "/m/first", "");
        mountTmpfs("/m", 0);
        write(c, "/m/second", "");
        assertThat(list(c, "/m")).containsExactly("second");
        Vfs.umount(c, "/m", 0);
        assertThat(list(c, "/m")).containsExactly("first");
    }

    @Test
    void usedMountIsBusyUnlessDetached() throws ErrnoException {
        mountTmpfs("/m", 0);
        write(c, "/m/f", "kept");
        FileDescription file = open(c, "/m/f", Fcntl.O_RDONLY);
        assertErrno(Errno.EBUSY, () -> Vfs.umount(c, "/m", 0));
        Vfs.umount(c, "/m", MountFlags.MNT_DETACH);
        assertThat(list(c, "/m")).containsExactly("covered");
        assertThat(read(c, file, 10)).isEqualTo("kept");
        file.release();
        mountTmpfs("/m", 0);
        c.fs().setWorkingDirectory(find(c, "/m/"));
        assertErrno(Errno.EBUSY, () -> Vfs.umount(c, "/m", 0));
        c.fs().setWorkingDirectory(find(c, "/"));
        Vfs.umount(c, "/m", 0);
    }

    @Test
    void readOnlyMountRefusesChanges() throws ErrnoException {
        write(c, "/other/exec", "");
        Vfs.chmod(c, find(c, "/other/exec"), 0755);
        bind("/other", "/m", 0);
        Vfs.mount(
                c,
                "none",
                "/m",
                "",
                MountFlags.MS_REMOUNT
                        | MountFlags.MS_BIND
                        | MountFlags.MS_RDONLY
                        | MountFlags.MS_NOEXEC,
                "");
        assertThat(read(c, "/m/file")).isEqualTo("other");
        assertErrno(Errno.EROFS, () -> write(c, "/m/file", "x"));
        assertErrno(Errno.EROFS, () -> write(c, "/m/new", "x"));
        assertErrno(Errno.EROFS, () -> mkdir(c, "/m/d"));
        assertErrno(Errno.EROFS, () -> unlink(c, "/m/file"));
        assertErrno(Errno.EROFS, () -> unlink(c, "/m/nothing"));
        assertErrno(Errno.EEXIST, () -> mkdir(c, "/m/file"));
        assertErrno(Errno.EROFS, () -> Vfs.chmod(c, find(c, "/m/file"), 0));
        assertErrno(Errno.EROFS, () -> Vfs.access(c, null, "/m/file", 2, 0));
        assertErrno(Errno.EACCES, () -> Vfs.openForExec(c, null, "/m/exec", 0));
        write(c, "/other/file", "still writable here");
    }

    @Test
    void bindShowsTheSameFiles() throws ErrnoException {
        mountTmpfs("/m", 0);
        mkdir(c, "/m/sub");
        mountTmpfs("/m/sub", 0);
        write(c, "/m/sub/deep", "");
        mkdir(c, "/plain");
        mkdir(c, "/deep");
        bind("/m", "/plain", 0);
        bind("/m", "/deep", MountFlags.MS_REC);
        assertThat(list(c, "/plain/sub")).isEmpty();
        assertThat(list(c, "/deep/sub")).containsExactly("deep");
        write(c, "/plain/x", "");
        assertThat(list(c, "/m")).containsExactlyInAnyOrder("sub", "x");
        Vfs.umount(c, "/deep", MountFlags.MNT_DETACH);
        assertThat(list(c, "/m/sub")).containsExactly("deep");
    }

    @Test
    void fileCanBeMountedOnFileOnly() throws ErrnoException {
        write(c, "/target", "below");
        bind("/other/file", "/target", 0);
        assertThat(read(c, "/target")).isEqualTo("other");
        assertErrno(Errno.ENOTDIR, () -> bind("/other", "/target", 0));
        assertErrno(Errno.ENOTDIR, () -> bind("/other/file", "/m", 0));
    }

    @Test
    void moveTakesTheTreeAlong() throws ErrnoException {
        mountTmpfs("/m", 0);
        mkdir(c, "/m/sub");
        mountTmpfs("/m/sub", 0);
        write(c, "/m/sub/deep", "");
        Vfs.mount(c, "/m", "/other", "", MountFlags.MS_MOVE, "");
        assertThat(list(c, "/other/sub")).containsExactly("deep");
        assertThat(list(c, "/m")).containsExactly("covered");
        assertErrno(
                Errno.ELOOP,
                () -> Vfs.mount(c, "/other", "/other/sub", "", MountFlags.MS_MOVE, ""));
    }

    @Test
    void pivotRootSwapsTheRoots() throws ErrnoException {
        mountTmpfs("/m", 0);
        mkdir(c, "/m/old");
        Vfs.pivotRoot(c, "/m", "/m/old");
        assertThat(list(c, "/")).containsExactly("old");
        assertThat(read(c, "/old/other/file")).isEqualTo("other");
        Vfs.umount(c, "/old", MountFlags.MNT_DETACH);
        assertThat(list(c, "/old")).isEmpty();
    }

    @Test
    void copiedNamespaceGoesItsOwnWay() throws ErrnoException {
        mountTmpfs("/m", 0);
        TestContext other = c.fork();
        other.fs().moveTo(c.fs().mounts().copy(dev.jvisor.fs.cred.UserNamespace.INITIAL));
        Vfs.umount(other, "/m", 0);
        assertThat(list(other, "/m")).containsExactly("covered");
        assertThat(list(c, "/m")).isEmpty();
    }

    @Test
    void onlyAdministratorsMount() {
        assertErrno(Errno.EPERM, () -> Vfs.mount(c.as(1, 1), "none", "/m", "tmpfs", 0, ""));
        assertErrno(Errno.ENODEV, () -> Vfs.mount(c, "none", "/m", "nofs", 0, ""));
    }
}
