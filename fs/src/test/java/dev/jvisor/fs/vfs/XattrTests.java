// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.fs.testing.Files.assertErrno;
import static dev.jvisor.fs.testing.Files.find;
import static dev.jvisor.fs.testing.Files.symlink;
import static dev.jvisor.fs.testing.Files.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Xattr;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class XattrTests {

    private static final byte[] VALUE = {1, 2, 3};

    private TestContext c;
    private TestContext user;
    private VfsPath file;

    @BeforeEach
    void makeFile() throws ErrnoException {
        c = TestContext.onTmpfs();
        user = c.as(1000, 1000);
        write(c, "/f", "");
        file = find(c, "/f");
    }

    @Test
    void createAndReplaceAreChecked() throws ErrnoException {
        assertErrno(
                Errno.ENODATA, () -> Vfs.setXattr(c, file, "user.a", VALUE, Xattr.XATTR_REPLACE));
        Vfs.setXattr(c, file, "user.a", VALUE, Xattr.XATTR_CREATE);
        assertErrno(Errno.EEXIST, () -> Vfs.setXattr(c, file, "user.a", VALUE, Xattr.XATTR_CREATE));
        assertThat(Vfs.getXattr(c, file, "user.a")).isEqualTo(VALUE);
        Vfs.removeXattr(c, file, "user.a");
        assertErrno(Errno.ENODATA, () -> Vfs.getXattr(c, file, "user.a"));
        assertErrno(Errno.ENODATA, () -> Vfs.removeXattr(c, file, "user.a"));
    }

    @Test
    void namespacesHaveTheirOwnRules() throws ErrnoException {
        Vfs.setXattr(c, file, "trusted.t", VALUE, 0);
        Vfs.setXattr(c, file, "security.s", VALUE, 0);
        assertErrno(Errno.ENODATA, () -> Vfs.getXattr(user, file, "trusted.t"));
        assertErrno(Errno.EPERM, () -> Vfs.setXattr(user, file, "trusted.t", VALUE, 0));
        assertErrno(Errno.EPERM, () -> Vfs.setXattr(user, file, "security.s", VALUE, 0));
        assertThat(Vfs.getXattr(user, file, "security.s")).isEqualTo(VALUE);
        assertErrno(Errno.EACCES, () -> Vfs.setXattr(user, file, "user.u", VALUE, 0));
        assertThat(Vfs.listXattr(user, file)).containsExactly("security.s");
        assertThat(Vfs.listXattr(c, file)).containsExactly("security.s", "trusted.t");
        assertErrno(Errno.EOPNOTSUPP, () -> Vfs.setXattr(c, file, "other.o", VALUE, 0));
        symlink(c, "f", "/l");
        assertErrno(Errno.EPERM, () -> Vfs.setXattr(c, find(c, "/l"), "user.u", VALUE, 0));
    }

    @Test
    void sizesAreLimited() throws ErrnoException {
        assertErrno(Errno.ERANGE, () -> Vfs.setXattr(c, file, "", VALUE, 0));
        assertErrno(Errno.ERANGE, () -> Vfs.setXattr(c, file, "user." + "n".repeat(251), VALUE, 0));
        assertErrno(Errno.E2BIG, () -> Vfs.setXattr(c, file, "user.a", new byte[65537], 0));
        Vfs.setXattr(c, file, "user.a", new byte[40000], 0);
        assertErrno(Errno.ENOSPC, () -> Vfs.setXattr(c, file, "user.b", new byte[40000], 0));
    }
}
