// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.pipe;

import static dev.jvisor.fs.testing.Files.assertErrno;
import static dev.jvisor.fs.testing.Files.open;
import static dev.jvisor.fs.testing.Files.read;
import static dev.jvisor.fs.testing.Files.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.abi.StatMode;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

final class PipeTests {

    private static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    private static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM;

    private TestContext c;
    private FileDescription reader;
    private FileDescription writer;

    @BeforeEach
    void makePipe() throws ErrnoException {
        c = TestContext.onTmpfs();
        Pipefs.Ends ends = Pipefs.create(c, 0);
        reader = ends.reader();
        writer = ends.writer();
    }

    @Test
    void bytesComeOutInOrder() throws ErrnoException {
        write(c, writer, "ab");
        write(c, writer, "cd");
        assertThat(read(c, reader, 3)).isEqualTo("abc");
        assertThat(read(c, reader, 3)).isEqualTo("d");
        assertErrno(Errno.EAGAIN, () -> read(c, reader, 1));
    }

    @Test
    void capacityIsSixteenSlots() throws ErrnoException {
        assertThat(write(c, writer, "x".repeat(100_000))).isEqualTo(65536);
        assertErrno(Errno.EAGAIN, () -> write(c, writer, "y"));
        read(c, reader, 4095);
        assertErrno(Errno.EAGAIN, () -> write(c, writer, "y"));
        read(c, reader, 1);
        assertThat(write(c, writer, "y".repeat(5000))).isEqualTo(4096);
    }

    @Test
    void smallWritesShareASlotOnlyIfTheyFitWhole() throws ErrnoException {
        for (int i = 0; i < 16; i++) {
            assertThat(write(c, writer, "x".repeat(4095))).isEqualTo(4095);
        }
        assertThat(write(c, writer, "y")).isEqualTo(1);
        assertErrno(Errno.EAGAIN, () -> write(c, writer, "z"));
        assertThat(read(c, reader, 100_000)).hasSize(16 * 4095 + 1);
    }

    @Test
    void writeOfAPageIsNeverSplit() throws ErrnoException {
        write(c, writer, "x".repeat(65536));
        read(c, reader, 4000);
        assertErrno(Errno.EAGAIN, () -> write(c, writer, "y".repeat(4000)));
    }

    @Test
    void endOfFileAfterTheLastWriter() throws ErrnoException {
        write(c, writer, "rest");
        writer.release();
        assertThat(reader.poll()).isEqualTo(READABLE | Poll.POLLHUP);
        assertThat(read(c, reader, 10)).isEqualTo("rest");
        assertThat(read(c, reader, 10)).isEmpty();
        assertThat(reader.poll()).isEqualTo(Poll.POLLHUP);
    }

    @Test
    void writeToPipeWithoutReadersRaisesSigpipe() {
        reader.release();
        assertErrno(Errno.EPIPE, () -> write(c, writer, "x"));
        assertThat(c.signals).containsExactly(Signals.SIGPIPE);
        assertThat(writer.poll()).isEqualTo(WRITABLE | Poll.POLLERR);
    }

    @Test
    void packetModeKeepsBoundaries() throws ErrnoException {
        Pipefs.Ends ends = Pipefs.create(c, Fcntl.O_DIRECT);
        write(c, ends.writer(), "abc");
        write(c, ends.writer(), "de");
        assertThat(read(c, ends.reader(), 2)).isEqualTo("ab");
        assertThat(read(c, ends.reader(), 10)).isEqualTo("de");
    }

    @Test
    void sizeCanBeChanged() throws ErrnoException {
        write(c, writer, "x".repeat(5000));
        assertThat(writer.fcntl(c, Fcntl.F_SETPIPE_SZ, 100_000)).isEqualTo(131072);
        assertThat(reader.fcntl(c, Fcntl.F_GETPIPE_SZ, 0)).isEqualTo(131072);
        assertErrno(Errno.EBUSY, () -> writer.fcntl(c, Fcntl.F_SETPIPE_SZ, 1));
        assertThat(writer.fcntl(c, Fcntl.F_SETPIPE_SZ, 8000)).isEqualTo(8192);
        assertErrno(Errno.EPERM, () -> writer.fcntl(c.as(1, 1), Fcntl.F_SETPIPE_SZ, 2 << 20));
        assertThat(read(c, reader, 6000)).hasSize(5000);
    }

    @Test
    void fifoOpensWaitForEachOther() throws Exception {
        Vfs.mknod(c, null, "/fifo", StatMode.S_IFIFO | 0600, 0);
        TestContext other = c.fork();
        CompletableFuture<String> got = CompletableFuture.supplyAsync(() -> {
            try {
                FileDescription in = open(other, "/fifo", Fcntl.O_RDONLY);
                try {
                    return read(other, in, 10);
                } catch (ErrnoException e) {
                    return e.errno.name();
                }
            } catch (ErrnoException e) {
                throw new IllegalStateException(e);
            }
        });
        FileDescription out = open(c, "/fifo", Fcntl.O_WRONLY);
        assertThat(got.get(5, TimeUnit.SECONDS)).isIn("EAGAIN", "");
        out.release();
    }

    @Test
    void fifoWithoutReaderRefusesNonBlockingWriter() throws ErrnoException {
        Vfs.mknod(c, null, "/fifo", StatMode.S_IFIFO | 0600, 0);
        int flags = Fcntl.O_WRONLY | Fcntl.O_NONBLOCK;
        assertErrno(Errno.ENXIO, () -> open(c, "/fifo", flags));
        FileDescription in = open(c, "/fifo", Fcntl.O_RDONLY | Fcntl.O_NONBLOCK);
        assertThat(in.poll()).isZero();
        assertThat(read(c, in, 10)).isEmpty();
        FileDescription out = open(c, "/fifo", flags);
        write(c, out, "x");
        out.release();
        assertThat(read(c, in, 10)).isEqualTo("x");
        assertThat(in.poll()).isEqualTo(Poll.POLLHUP);
        in.release();
    }
}
