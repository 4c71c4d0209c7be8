// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.host;

import static dev.jvisor.fs.testing.Files.assertErrno;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jvisor.fs.testing.Files;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.abi.Socket;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostSockets;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

@Timeout(20)
final class HostFileDescriptionTests {

    private static final int LINUX_PIPE_SIZE = 65536;

    @TempDir
    Path directory;

    private final TestContext c = TestContext.onTmpfs();

    private static int[] pipe() throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        Host.check(Host.syscall(Sys.PIPE2, b.address(), Fcntl.O_CLOEXEC, 0));
        return new int[] {b.getInt(0), b.getInt(4)};
    }

    /** Brings in a descriptor as one that survived an exec. */
    private static FileDescription pass(int fd) throws ErrnoException {
        HostFiles.fcntl(fd, Fcntl.F_SETFD, 0);
        FileDescription file = HostStreams.open(fd)[0];
        HostFiles.fcntl(fd, Fcntl.F_SETFD, Fcntl.FD_CLOEXEC);
        return file;
    }

    private static FileDescription adopt(int fd) throws ErrnoException {
        FileDescription file = pass(fd);
        HostFiles.close(fd);
        return file;
    }

    private static void hostWrite(int fd, String text) throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        b.put(0, text.getBytes(ISO_8859_1), 0, text.length());
        HostFiles.write(fd, b.address(), text.length());
    }

    private static String hostRead(int fd, int length) throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        int n = (int) HostFiles.read(fd, b.address(), length);
        byte[] bytes = new byte[n];
        b.get(0, bytes, 0, n);
        return new String(bytes, ISO_8859_1);
    }

    private FileDescription fileWith(String text, int flags) throws ErrnoException, IOException {
        Path path = directory.resolve("file");
        java.nio.file.Files.writeString(path, text);
        return adopt(HostFiles.open(path.toString(), flags));
    }

    private String contents() throws IOException {
        return java.nio.file.Files.readString(directory.resolve("file"));
    }

    @Test
    void emptyPipeWouldBlockAndThenReads() throws ErrnoException {
        int[] p = pipe();
        FileDescription in = adopt(p[0]);
        assertErrno(Errno.EAGAIN, () -> Files.read(c, in, 10));
        assertThat(in.poll() & Poll.POLLIN).isZero();
        hostWrite(p[1], "hello");
        assertThat(in.poll() & Poll.POLLIN).isNotZero();
        assertThat(Files.read(c, in, 3)).isEqualTo("hel");
        assertThat(Files.read(c, in, 10)).isEqualTo("lo");
        HostFiles.close(p[1]);
        assertThat(Files.read(c, in, 10)).isEmpty();
        in.release();
    }

    @Test
    void waiterIsWokenWhenDataArrivesAndAtTheEnd() throws Exception {
        int[] p = pipe();
        FileDescription in = adopt(p[0]);
        Semaphore woken = new Semaphore(0);
        WaitQueue.Entry entry = new WaitQueue.Entry() {
            @Override
            protected void wake(int events) {
                woken.release();
            }
        };
        entry.mask = Poll.POLLIN | Poll.POLLHUP | Poll.POLLERR;
        for (int round = 0; round < 3; round++) {
            in.waitQueue().add(entry);
            assertThat(in.poll() & Poll.POLLIN).isZero();
            woken.drainPermits();
            hostWrite(p[1], "x");
            assertThat(woken.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            in.waitQueue().remove(entry);
            assertThat(Files.read(c, in, 10)).isEqualTo("x");
            hostWrite(p[1], "y"); // nobody waits: the watch ends, and has to come back
            Thread.sleep(20);
            assertThat(Files.read(c, in, 10)).isEqualTo("y");
        }
        in.waitQueue().add(entry);
        assertThat(in.poll()).isZero();
        HostFiles.close(p[1]);
        assertThat(woken.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        assertThat(in.poll() & Poll.POLLHUP).isNotZero();
        in.waitQueue().remove(entry);
        in.release();
    }

    @Test
    void fullPipeTakesAPartThenWouldBlock() throws ErrnoException {
        int[] p = pipe();
        FileDescription out = adopt(p[1]);
        long written = Files.write(c, out, "x".repeat(100_000));
        assertThat(written).isBetween(LINUX_PIPE_SIZE - 4096L, (long) LINUX_PIPE_SIZE);
        while (Files.errnoOf(() -> Files.write(c, out, "y")) == null) {
            written++;
        }
        assertErrno(Errno.EAGAIN, () -> Files.write(c, out, "y"));
        assertThat(written).isLessThanOrEqualTo(LINUX_PIPE_SIZE);
        assertThat(out.poll() & Poll.POLLOUT).isZero();
        while (written > 0) {
            written -= hostRead(p[0], 8192).length();
        }
        assertThat(Files.write(c, out, "y")).isEqualTo(1);
        HostFiles.close(p[0]);
        out.release();
    }

    @Test
    void writeWithoutReaderRaisesSigpipe() throws ErrnoException {
        int[] p = pipe();
        FileDescription out = adopt(p[1]);
        HostFiles.close(p[0]);
        assertErrno(Errno.EPIPE, () -> Files.write(c, out, "y"));
        assertThat(c.signals).containsExactly(Signals.SIGPIPE);
        assertThat(out.poll() & Poll.POLLERR).isNotZero();
        out.release();
    }

    @Test
    void flagsOfTheCallersDescriptorStay() throws ErrnoException {
        int[] p = pipe();
        FileDescription in = pass(p[0]);
        int before = HostFiles.fcntl(p[0], Fcntl.F_GETFL, 0);
        in.setStatusFlags(Fcntl.O_NONBLOCK);
        assertThat(in.isNonBlocking()).isTrue();
        assertErrno(Errno.EAGAIN, () -> Files.read(c, in, 10));
        assertThat(HostFiles.fcntl(p[0], Fcntl.F_GETFL, 0)).isEqualTo(before);
        in.release();
        hostWrite(p[1], "still open");
        assertThat(hostRead(p[0], 10)).isEqualTo("still open");
        HostFiles.close(p[0]);
        HostFiles.close(p[1]);
    }

    @Test
    void socketReadsOneMessageWithoutWaiting() throws ErrnoException {
        int[] pair = HostSockets.pair(Socket.SOCK_STREAM);
        FileDescription in = adopt(pair[0]);
        assertErrno(Errno.EAGAIN, () -> Files.read(c, in, 10));
        hostWrite(pair[1], "ab");
        assertThat(Files.read(c, in, 10)).isEqualTo("ab");
        assertThat(Files.write(c, in, "cd")).isEqualTo(2);
        assertThat(hostRead(pair[1], 10)).isEqualTo("cd");
        assertThat(status(in).mode & StatMode.S_IFMT).isEqualTo(StatMode.S_IFSOCK);
        HostFiles.close(pair[1]);
        in.release();
    }

    @Test
    void regularFileSharesTheHostsOffset() throws Exception {
        Path path = directory.resolve("file");
        java.nio.file.Files.writeString(path, "0123456789");
        int fd = HostFiles.open(path.toString(), Fcntl.O_RDWR);
        FileDescription file = pass(fd);
        assertThat(hostRead(fd, 2)).isEqualTo("01");
        assertThat(Files.read(c, file, 3)).isEqualTo("234");
        assertThat(hostRead(fd, 1)).isEqualTo("5");
        assertThat(Files.write(c, file, "ab")).isEqualTo(2);
        assertThat(HostFiles.lseek(fd, 0, Fcntl.SEEK_CUR)).isEqualTo(8);
        assertThat(file.seek(c, 1, Fcntl.SEEK_SET)).isEqualTo(1);
        assertThat(hostRead(fd, 1)).isEqualTo("1");
        assertThat(file.seek(c, 0, Fcntl.SEEK_END)).isEqualTo(10);
        assertThat(contents()).isEqualTo("012345ab89");
        assertThat(file.waitQueue()).isNull();
        file.release();
        HostFiles.close(fd);
    }

    @Test
    void appendFlagOfTheCallerIsHonoured() throws Exception {
        FileDescription file = fileWith("abc", Fcntl.O_WRONLY | Fcntl.O_APPEND);
        assertThat(file.flags() & Fcntl.O_APPEND).isNotZero();
        file.seek(c, 0, Fcntl.SEEK_SET);
        Files.write(c, file, "def");
        assertThat(contents()).isEqualTo("abcdef");
        file.release();
    }

    @Test
    void appendSetByTheGuestWorksWithoutTheHostsFlag() throws Exception {
        FileDescription file = fileWith("abc", Fcntl.O_WRONLY);
        file.setStatusFlags(Fcntl.O_APPEND);
        Files.write(c, file, "def");
        assertThat(contents()).isEqualTo("abcdef");
        assertThat(file.seek(c, 0, Fcntl.SEEK_CUR)).isEqualTo(6);
        file.release();
    }

    @Test
    void reopenedFileHasAnOffsetOfItsOwnAndNoMoreAccess() throws Exception {
        FileDescription file = fileWith("0123456789", Fcntl.O_RDONLY);
        assertThat(Files.read(c, file, 4)).isEqualTo("0123");
        FileDescription again = file.inode().open(c, file.path(), Fcntl.O_RDONLY);
        assertThat(Files.read(c, again, 2)).isEqualTo("01");
        assertThat(Files.read(c, file, 2)).isEqualTo("45");
        assertErrno(Errno.EACCES, () -> file.inode().open(c, file.path(), Fcntl.O_RDWR));
        file.release();
        assertThat(Files.read(c, again, 2)).isEqualTo("23");
        again.release();
    }

    @Test
    void fileSizeLimitIsTheGuests() throws Exception {
        FileDescription file = fileWith("0123456789", Fcntl.O_RDWR);
        c.limits.put(Resource.RLIMIT_FSIZE, 5L);
        file.seek(c, 8, Fcntl.SEEK_SET);
        assertErrno(Errno.EFBIG, () -> Files.write(c, file, "x"));
        assertThat(c.signals).containsExactly(Signals.SIGXFSZ);
        file.release();
    }

    @Test
    void statShowsTypeSizeAndName() throws Exception {
        FileDescription file = fileWith("0123456789", Fcntl.O_RDONLY);
        assertThat(status(file).mode & StatMode.S_IFMT).isEqualTo(StatMode.S_IFREG);
        assertThat(status(file).size).isEqualTo(10);
        file.release();
        int[] p = pipe();
        FileDescription in = adopt(p[0]);
        assertThat(status(in).mode & StatMode.S_IFMT).isEqualTo(StatMode.S_IFIFO);
        assertThat(in.path().dentry().name()).isEqualTo("pipe:[" + status(in).inode + "]");
        assertErrno(Errno.ESPIPE, () -> in.seek(c, 0, Fcntl.SEEK_CUR));
        in.release();
        HostFiles.close(p[1]);
        FileDescription zero = adopt(HostFiles.open("/dev/null", Fcntl.O_RDWR));
        assertThat(status(zero).rdevice).isEqualTo(0x103);
        assertThat(Files.read(c, zero, 10)).isEmpty();
        assertThat(Files.write(c, zero, "x")).isEqualTo(1);
        assertThat(zero.isPollable()).isFalse();
        zero.release();
    }

    @Test
    void closedDescriptorIsMissing() throws ErrnoException {
        int fd = HostFiles.open("/dev/null", Fcntl.O_RDONLY);
        HostFiles.close(fd);
        assertThat(HostStreams.open(fd)).containsExactly((HostFileDescription) null);
    }

    @Test
    void filesOfTheJvmInClosedPlacesStayOut() throws ErrnoException {
        int fd = HostFiles.open("/dev/null", Fcntl.O_RDONLY);
        assertThat(HostStreams.open(fd)).containsExactly((HostFileDescription) null);
        HostFiles.close(fd);
        int library = HostFiles.open(System.getProperty("java.home") + "/lib/modules", 0);
        HostFiles.fcntl(library, Fcntl.F_SETFD, 0);
        assertThat(HostStreams.open(library)).containsExactly((HostFileDescription) null);
        HostFiles.close(library);
    }

    private FileStatus status(FileDescription file) throws ErrnoException {
        FileStatus s = new FileStatus();
        file.inode().getAttributes(c, s);
        return s;
    }
}
