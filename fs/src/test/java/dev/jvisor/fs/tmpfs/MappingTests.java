// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import static dev.jvisor.fs.testing.Files.assertErrno;
import static dev.jvisor.fs.testing.Files.find;
import static dev.jvisor.fs.testing.Files.open;
import static dev.jvisor.fs.testing.Files.read;
import static dev.jvisor.fs.testing.Files.unlink;
import static dev.jvisor.fs.testing.Files.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.pipe.Pipefs;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Mman;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.atomic.AtomicBoolean;

/** Files of the memory file in a guest's address space. */
final class MappingTests {

    private static final int READ_WRITE = Mman.PROT_READ | Mman.PROT_WRITE;

    private TestContext c;
    private MemoryManager mm;

    @BeforeEach
    void start() {
        c = TestContext.onTmpfs();
        mm = c.memory();
    }

    private long map(FileDescription file, int sharing, long length) throws ErrnoException {
        return mm.mmap(0, length, READ_WRITE, sharing, file.mappable(c), 0);
    }

    @Test
    void sharedMappingAndFileAreOne() throws ErrnoException {
        write(c, "/f", "hello");
        FileDescription file = open(c, "/f", Fcntl.O_RDWR);
        long at = map(file, Mman.MAP_SHARED, 4096);
        assertThat(mm.getByte(at)).isEqualTo((byte) 'h');
        mm.putByte(at, (byte) 'J');
        assertThat(read(c, "/f")).isEqualTo("Jello");
        file.setPosition(1);
        write(c, file, "E");
        assertThat(mm.getByte(at + 1)).isEqualTo((byte) 'E');
    }

    @Test
    void privateMappingKeepsItsChanges() throws ErrnoException {
        write(c, "/f", "hello");
        FileDescription file = open(c, "/f", Fcntl.O_RDWR);
        long at = map(file, Mman.MAP_PRIVATE, 4096);
        mm.putByte(at, (byte) 'J');
        assertThat(read(c, "/f")).isEqualTo("hello");
        Vfs.truncate(c, find(c, "/f"), 5);
        assertThat(mm.getByte(at)).isEqualTo((byte) 'J');
    }

    @Test
    void truncatedPagesAreGoneFromMappings() throws ErrnoException {
        write(c, "/f", "x".repeat(8192));
        FileDescription file = open(c, "/f", Fcntl.O_RDWR);
        long at = map(file, Mman.MAP_SHARED, 8192);
        mm.putByte(at + 5000, (byte) 'y');
        file.truncate(c, 10);
        assertErrno(Errno.EFAULT, () -> mm.getByte(at + 5000));
        assertThat(mm.getByte(at + 9)).isEqualTo((byte) 'x');
        assertThat(mm.getByte(at + 10)).isZero();
        file.truncate(c, 8192);
        assertThat(mm.getByte(at + 5000)).isZero();
    }

    @Test
    void mappingKeepsTheDataOfARemovedFile() throws ErrnoException {
        long before = TestContext.pages().memory().allocatedBytes();
        write(c, "/f", "kept");
        FileDescription file = open(c, "/f", Fcntl.O_RDWR);
        long at = map(file, Mman.MAP_SHARED, 4096);
        unlink(c, "/f");
        file.release();
        assertThat(mm.getByte(at)).isEqualTo((byte) 'k');
        mm.munmap(at, 4096);
        assertThat(TestContext.pages().memory().allocatedBytes()).isEqualTo(before);
    }

    @Test
    void pipeTellsHowMuchIsInIt() throws ErrnoException {
        long at = mm.mmap(0, 4096, READ_WRITE, Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS, null, 0);
        Pipefs.Ends ends = Pipefs.create(c, 0);
        write(c, ends.writer(), "abc");
        ends.reader().ioctl(c, Ioctls.FIONREAD, at);
        assertThat(mm.getInt(at)).isEqualTo(3);
    }

    /**
     * A write whose source is a mapping of the file itself, while others truncate: no lock circle.
     */
    @Test
    @Timeout(30)
    void writeFromOwnMappingRacesWithTruncate() throws Exception {
        write(c, "/f", "x".repeat(16384));
        FileDescription file = open(c, "/f", Fcntl.O_RDWR);
        long at = map(file, Mman.MAP_SHARED, 16384);
        AtomicBoolean stop = new AtomicBoolean();
        Thread other = new Thread(() -> {
            while (!stop.get()) {
                try {
                    file.truncate(c, 100);
                    file.truncate(c, 16384);
                } catch (ErrnoException e) {
                    throw new AssertionError(e);
                }
            }
        });
        other.start();
        for (int i = 0; i < 2000; i++) {
            try {
                file.writeAt(c, mm.iter(at, 8192), 4096);
            } catch (ErrnoException e) {
                assertThat(e.errno).isEqualTo(Errno.EFAULT);
            }
        }
        stop.set(true);
        other.join();
    }
}
