// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.anon;

import static dev.jvisor.fs.testing.Files.assertErrno;
import static dev.jvisor.fs.testing.Files.open;
import static dev.jvisor.fs.testing.Files.read;
import static dev.jvisor.fs.testing.Files.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.pipe.Pipefs;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Eventfd;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

final class EpollTests {

    private static final int IN = Poll.EPOLLIN;

    private TestContext c;
    private EpollFile epoll;
    private FileDescription reader;
    private FileDescription writer;

    @BeforeEach
    void makeFiles() throws ErrnoException {
        c = TestContext.onTmpfs();
        epoll = EpollFile.create(0);
        Pipefs.Ends ends = Pipefs.create(c, 0);
        reader = ends.reader();
        writer = ends.writer();
    }

    private void add(FileDescription file, int events, long data) throws ErrnoException {
        epoll.control(Poll.EPOLL_CTL_ADD, 7, file, events, data);
    }

    private List<String> collect(EpollFile from) throws ErrnoException {
        List<String> seen = new ArrayList<>();
        from.collect((events, data) -> seen.add(data + ":" + events), 10);
        return seen;
    }

    @Test
    void levelTriggeredReportsUntilRead() throws ErrnoException {
        add(reader, IN, 5);
        assertThat(collect(epoll)).isEmpty();
        write(c, writer, "x");
        assertThat(epoll.poll()).isNotZero();
        assertThat(collect(epoll)).containsExactly("5:1");
        assertThat(collect(epoll)).containsExactly("5:1");
        read(c, reader, 1);
        assertThat(epoll.poll()).isZero();
        assertThat(collect(epoll)).isEmpty();
    }

    @Test
    void edgeTriggeredReportsEachArrival() throws ErrnoException {
        add(reader, IN | Poll.EPOLLET, 5);
        write(c, writer, "x");
        assertThat(collect(epoll)).containsExactly("5:1");
        assertThat(collect(epoll)).isEmpty();
        write(c, writer, "y");
        assertThat(collect(epoll)).containsExactly("5:1");
    }

    @Test
    void oneShotHasToBeArmedAgain() throws ErrnoException {
        add(reader, IN | Poll.EPOLLONESHOT, 5);
        write(c, writer, "x");
        assertThat(collect(epoll)).containsExactly("5:1");
        write(c, writer, "y");
        assertThat(collect(epoll)).isEmpty();
        epoll.control(Poll.EPOLL_CTL_MOD, 7, reader, IN, 6);
        assertThat(collect(epoll)).containsExactly("6:1");
    }

    @Test
    void hangUpIsReportedUnasked() throws ErrnoException {
        add(reader, 0, 5);
        writer.release();
        assertThat(collect(epoll)).containsExactly("5:" + Poll.EPOLLHUP);
    }

    @Test
    void waiterIsWoken() throws ErrnoException {
        add(reader, IN, 5);
        int[] woken = new int[1];
        WaitQueue.Entry entry = new WaitQueue.Entry() {
            @Override
            protected void wake(int events) {
                woken[0]++;
            }
        };
        entry.mask = Poll.POLLIN;
        epoll.waitQueue().add(entry);
        write(c, writer, "x");
        assertThat(woken[0]).isEqualTo(1);
    }

    @Test
    void releasedFileLeavesTheList() throws ErrnoException {
        add(reader, IN, 5);
        write(c, writer, "x");
        reader.release();
        assertThat(collect(epoll)).isEmpty();
        assertErrno(Errno.ENOENT, () -> epoll.control(Poll.EPOLL_CTL_DEL, 7, reader, 0, 0));
    }

    @Test
    void nestedInstancesReportAndCannotFormCircles() throws ErrnoException {
        EpollFile outer = EpollFile.create(0);
        outer.control(Poll.EPOLL_CTL_ADD, 3, epoll, IN, 1);
        assertErrno(Errno.ELOOP, () -> add(outer, IN, 2));
        assertErrno(Errno.EINVAL, () -> add(epoll, IN, 2));
        add(reader, IN, 5);
        write(c, writer, "x");
        assertThat(collect(outer)).containsExactly("1:1");
        read(c, reader, 1);
        assertThat(collect(outer)).isEmpty();
        EpollFile last = outer;
        for (int i = 0; i < 3; i++) {
            EpollFile next = EpollFile.create(0);
            next.control(Poll.EPOLL_CTL_ADD, 3, last, IN, 1);
            last = next;
        }
        EpollFile tooMuch = EpollFile.create(0);
        EpollFile top = last;
        assertErrno(Errno.ELOOP, () -> tooMuch.control(Poll.EPOLL_CTL_ADD, 3, top, IN, 1));
    }

    @Test
    void controlErrors() throws ErrnoException {
        add(reader, IN, 5);
        assertErrno(Errno.EEXIST, () -> add(reader, IN, 5));
        assertErrno(Errno.ENOENT, () -> epoll.control(Poll.EPOLL_CTL_MOD, 8, reader, IN, 5));
        assertErrno(Errno.EINVAL, () -> epoll.control(9, 7, reader, IN, 5));
        FileDescription regular = open(c, "/f", Fcntl.O_CREAT | Fcntl.O_RDWR);
        assertErrno(Errno.EPERM, () -> add(regular, IN, 5));
    }

    @Test
    void eventCounterAddsUpAndIsTaken() throws ErrnoException {
        EventFile event = EventFile.create(2, 0);
        assertThat(write(c, event, "\3\0\0\0\0\0\0\0")).isEqualTo(8);
        assertThat(read(c, event, 8)).isEqualTo("\5\0\0\0\0\0\0\0");
        assertErrno(Errno.EAGAIN, () -> read(c, event, 8));
        assertErrno(Errno.EINVAL, () -> read(c, event, 7));
        assertErrno(Errno.EINVAL, () -> write(c, event, "\u00ff".repeat(8)));
        write(c, event, "\u00fe" + "\u00ff".repeat(7));
        assertErrno(Errno.EAGAIN, () -> write(c, event, "\1\0\0\0\0\0\0\0"));
        assertThat(event.poll()).isEqualTo(Poll.POLLIN);
        EventFile semaphore = EventFile.create(2, Eventfd.EFD_SEMAPHORE);
        assertThat(read(c, semaphore, 8)).isEqualTo("\1\0\0\0\0\0\0\0");
        assertThat(read(c, semaphore, 8)).isEqualTo("\1\0\0\0\0\0\0\0");
        assertErrno(Errno.EAGAIN, () -> read(c, semaphore, 8));
    }

    @Test
    void sealedMemfdRefuses() throws ErrnoException {
        Memfds memfds = new Memfds(TestContext.pages(), c);
        FileDescription file = memfds.create(c, "m", 2);
        write(c, file, "abc");
        assertThat(dev.jvisor.fs.vfs.Vfs.pathOf(c, file.path())).isEqualTo("/memfd:m (deleted)");
        file.fcntl(c, Fcntl.F_ADD_SEALS, Fcntl.F_SEAL_SHRINK | Fcntl.F_SEAL_GROW);
        assertErrno(Errno.EPERM, () -> file.truncate(c, 1));
        assertErrno(Errno.EPERM, () -> write(c, file, "d"));
        file.setPosition(0);
        write(c, file, "xyz");
        file.fcntl(c, Fcntl.F_ADD_SEALS, Fcntl.F_SEAL_WRITE);
        file.setPosition(0);
        assertErrno(Errno.EPERM, () -> write(c, file, "a"));
        FileDescription plain = memfds.create(c, "m", 0);
        assertErrno(Errno.EPERM, () -> plain.fcntl(c, Fcntl.F_ADD_SEALS, Fcntl.F_SEAL_WRITE));
    }
}
