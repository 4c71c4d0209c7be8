// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

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
import static dev.jvisor.fs.testing.Files.unlink;
import static dev.jvisor.fs.testing.Files.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.FilesystemContract;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.tmpfs.Tmpfs;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OverlayTests extends FilesystemContract {

    private final Tmpfs lower = TestContext.newTmpfs();
    private final TestContext below = TestContext.on(lower);

    /** The overlay over {@link #lower}. */
    private TestContext over;

    @Override
    protected Filesystem newFilesystem() throws ErrnoException {
        return new OverlayFilesystem(below, TestContext.newTmpfs(), TestContext.pages());
    }

    @BeforeEach
    void makeLower() throws ErrnoException {
        mkdir(below, "/d");
        mkdir(below, "/d/e");
        write(below, "/d/f", "lower f");
        write(below, "/d/e/g", "lower g");
        over = TestContext.on(new OverlayFilesystem(below, lower, TestContext.pages()));
    }

    @Test
    void copyUpKeepsNumberAndDevice() throws ErrnoException {
        FileStatus before = stat(over, "/d/f");
        FileDescription file = open(over, "/d/f", Fcntl.O_RDWR);
        write(over, file, "UPPER");
        file.release();
        FileStatus after = stat(over, "/d/f");
        assertThat(after.inode).isEqualTo(before.inode);
        assertThat(after.device).isEqualTo(before.device);
        assertThat(read(over, "/d/f")).isEqualTo("UPPER f");
        assertThat(read(below, "/d/f")).isEqualTo("lower f");
    }

    @Test
    void metadataChangeCopiesNoData() throws ErrnoException {
        write(below, "/d/big", "x".repeat(1_000_000));
        long before = TestContext.pages().memory().allocatedBytes();
        Vfs.chmod(over, find(over, "/d/big"), 0600);
        rename(over, "/d/big", "/moved");
        assertThat(stat(over, "/moved").size).isEqualTo(1_000_000);
        assertThat(stat(over, "/moved").mode & 07777).isEqualTo(0600);
        assertThat(read(over, "/moved")).hasSize(1_000_000);
        assertThat(TestContext.pages().memory().allocatedBytes()).isEqualTo(before);
    }

    @Test
    void readerSeesWhatIsWrittenAfterItsOpen() throws ErrnoException {
        FileDescription reader = open(over, "/d/f", Fcntl.O_RDONLY);
        assertThat(read(over, reader, 5)).isEqualTo("lower");
        FileDescription writer = open(over, "/d/f", Fcntl.O_WRONLY);
        write(over, writer, "UPPER F");
        assertThat(read(over, reader, 5)).isEqualTo(" F");
        writer.release();
        reader.release();
    }

    @Test
    void copyUpKeepsTheDirectorysTime() throws ErrnoException {
        FileStatus before = stat(over, "/d");
        Vfs.chmod(over, find(over, "/d/f"), 0600);
        FileStatus after = stat(over, "/d");
        assertThat(after.modifyNanos).isEqualTo(before.modifyNanos);
        assertThat(after.links).isEqualTo(before.links);
    }

    @Test
    void lowerDirectoryMovesWithItsContents() throws ErrnoException {
        rename(over, "/d", "/moved");
        assertThat(read(over, "/moved/e/g")).isEqualTo("lower g");
        mkdir(over, "/d");
        assertThat(list(over, "/d")).isEmpty();
        rename(over, "/moved/e", "/d/e2");
        assertThat(read(over, "/d/e2/g")).isEqualTo("lower g");
        assertThat(list(over, "/moved")).containsExactly("f");
        assertThat(list(below, "/")).containsExactly("d");
    }

    @Test
    void removedLowerNamesStayHiddenAfterTheCacheForgets() throws ErrnoException {
        unlink(over, "/d/f");
        unlink(over, "/d/e/g");
        rmdir(over, "/d/e");
        assertThat(list(over, "/d")).isEmpty();
        mkdir(over, "/d/e");
        assertThat(list(over, "/d/e")).isEmpty();
        assertErrno(Errno.ENOENT, () -> stat(over, "/d/f"));
        rmdir(over, "/d/e");
        rmdir(over, "/d");
        assertThat(list(over, "/")).isEmpty();
    }

    @Test
    void unlinkedLowerFileHasNoLinks() throws ErrnoException {
        FileDescription file = open(over, "/d/f", Fcntl.O_RDONLY);
        unlink(over, "/d/f");
        FileStatus status = new FileStatus();
        file.inode().getAttributes(over, status);
        assertThat(status.links).isZero();
        assertThat(read(over, file, 100)).isEqualTo("lower f");
        file.release();
    }

    @Test
    void hardLinksOfALowerFileStayTogether() throws ErrnoException {
        link(below, "/d/f", "/d/e/f2");
        link(below, "/d/f", "/f3");
        FileDescription open = open(over, "/d/e/f2", Fcntl.O_RDONLY);
        long number = stat(over, "/d/f").inode;
        Vfs.truncate(over, find(over, "/d/f"), 5);
        assertThat(read(over, "/d/e/f2")).isEqualTo("lower");
        rename(over, "/d/e/f2", "/moved");
        unlink(over, "/d/f");
        assertThat(stat(over, "/moved").links).isEqualTo(2);
        assertThat(stat(over, "/f3").inode).isEqualTo(number);
        unlink(over, "/f3");
        assertThat(stat(over, "/moved").links).isEqualTo(1);
        write(over, "/moved", "changed");
        assertThat(read(over, open, 100)).isEqualTo("changed");
        unlink(over, "/moved");
        FileStatus status = new FileStatus();
        open.inode().getAttributes(over, status);
        assertThat(status.links).isZero();
        assertThat(read(below, "/f3")).isEqualTo("lower f");
        open.release();
    }

    @Test
    void directoryBeingReadLosesWhatIsRemoved() throws ErrnoException {
        for (int i = 0; i < 20; i++) {
            write(below, "/d/n" + i, "");
        }
        FileDescription directory = open(over, "/d", Fcntl.O_RDONLY);
        for (int rounds = 0; rounds < 40; rounds++) {
            String[] one = new String[1];
            directory.iterate(over, (name, inode, type, offset) -> {
                if (one[0] != null) {
                    return false;
                }
                one[0] = name;
                return true;
            });
            if (one[0] != null && one[0].startsWith("n")) {
                unlink(over, "/d/" + one[0]);
            }
        }
        directory.release();
        assertThat(list(over, "/d")).containsExactlyInAnyOrder("e", "f");
    }
}
