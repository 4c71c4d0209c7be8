// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.inotify;

import static dev.jvisor.platform.abi.Eventfd.IN_ALL_EVENTS;
import static dev.jvisor.platform.abi.Eventfd.IN_ATTRIB;
import static dev.jvisor.platform.abi.Eventfd.IN_CREATE;
import static dev.jvisor.platform.abi.Eventfd.IN_DELETE;
import static dev.jvisor.platform.abi.Eventfd.IN_ISDIR;
import static dev.jvisor.platform.abi.Eventfd.IN_MOVED_FROM;
import static dev.jvisor.platform.abi.Eventfd.IN_MOVED_TO;
import static dev.jvisor.platform.abi.Eventfd.IN_Q_OVERFLOW;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.Files;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import java.util.ArrayList;
import java.util.List;

/** What a watch of a directory tells is what happened to its entries, in order. */
final class InotifyProperties {

    private static final String[] NAMES = {"a", "b", "c", "d"};
    private static final int EVENT_SIZE = 16;

    private record Event(int mask, String name) {}

    private final List<Event> expected = new ArrayList<>();

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void watchTellsWhatHappened(@ForAll @Size(max = 60) List<@IntRange(max = 127) Integer> actions)
            throws ErrnoException {
        expected.clear();
        TestContext c = TestContext.onTmpfs();
        Files.mkdir(c, "/w");
        InotifyLimits limits = new InotifyLimits();
        InotifyFile inotify = InotifyFile.create(limits, 0, true);
        inotify.addWatch(Files.find(c, "/w"), IN_ALL_EVENTS);
        for (int action : actions) {
            act(c, action % 5, NAMES[action / 5 % 4], NAMES[action / 20 % 4]);
        }
        assertThat(read(c, inotify, 1 << 16)).isEqualTo(expected);
        inotify.release();
    }

    private void act(TestContext c, int what, String name, String other) {
        String path = "/w/" + name;
        boolean directory = isDirectory(c, path);
        switch (what) {
            case 0 -> {
                if (succeeds(() -> Vfs.mknod(c, null, path, 0100644, 0))) {
                    expect(IN_CREATE, name);
                }
            }
            case 1 -> {
                if (succeeds(() -> Files.mkdir(c, path))) {
                    expect(IN_CREATE | IN_ISDIR, name);
                }
            }
            case 2 -> {
                if (succeeds(() -> Vfs.unlink(c, null, path, directory ? 0x200 : 0))) {
                    expect(IN_DELETE | (directory ? IN_ISDIR : 0), name);
                }
            }
            case 3 -> {
                if (succeeds(() -> Vfs.chmod(c, Files.find(c, path), 0755))) {
                    expect(IN_ATTRIB | (directory ? IN_ISDIR : 0), name);
                }
            }
            default -> {
                if (!name.equals(other) && succeeds(() -> Files.rename(c, path, "/w/" + other))) {
                    int bit = directory ? IN_ISDIR : 0;
                    expect(IN_MOVED_FROM | bit, name);
                    expect(IN_MOVED_TO | bit, other);
                }
            }
        }
    }

    private static boolean isDirectory(TestContext c, String path) {
        try {
            return Files.find(c, path).dentry().inode().isDirectory();
        } catch (ErrnoException e) {
            return false;
        }
    }

    private static boolean succeeds(Files.Call call) {
        return Files.errnoOf(call) == null;
    }

    /** The same event twice in a row is one. */
    private void expect(int mask, String name) {
        Event event = new Event(mask, name);
        if (expected.isEmpty() || !expected.getLast().equals(event)) {
            expected.add(event);
        }
    }

    private static List<Event> read(TestContext c, InotifyFile inotify, int size)
            throws ErrnoException {
        List<Event> events = new ArrayList<>();
        byte[] b = new byte[size];
        long n;
        try {
            n = inotify.read(c, IovIter.of(b, 0, b.length));
        } catch (ErrnoException empty) {
            assertThat(empty.errno).isEqualTo(Errno.EAGAIN);
            return events;
        }
        for (int at = 0; at < n; ) {
            int length = LittleEndian.getInt(b, at + 12);
            String name = new String(b, at + EVENT_SIZE, length).replace("\0", "");
            events.add(new Event(LittleEndian.getInt(b, at + 4), name));
            at += EVENT_SIZE + length;
        }
        return events;
    }

    @Property(tries = 20, edgeCases = EdgeCasesMode.NONE)
    void fullQueueSaysSoOnce(@ForAll @IntRange(min = 1, max = 20) int room) throws ErrnoException {
        TestContext c = TestContext.onTmpfs();
        InotifyLimits limits = new InotifyLimits();
        limits.setMaxQueuedEvents(room);
        InotifyFile inotify = InotifyFile.create(limits, 0, true);
        inotify.addWatch(Files.find(c, "/"), IN_CREATE | IN_DELETE);
        for (int i = 0; i < 30; i++) {
            Files.mkdir(c, "/d" + i);
        }
        List<Event> seen = read(c, inotify, 1 << 16);
        assertThat(seen).hasSize(room + 1);
        assertThat(seen.getLast()).isEqualTo(new Event(IN_Q_OVERFLOW, ""));
        Files.rmdir(c, "/d0");
        assertThat(read(c, inotify, 1 << 16))
                .containsExactly(new Event(IN_DELETE | IN_ISDIR, "d0"));
        inotify.release();
    }

    @Property(tries = 5, edgeCases = EdgeCasesMode.NONE)
    void limitsHold(@ForAll @IntRange(min = 1, max = 5) int most) throws ErrnoException {
        TestContext c = TestContext.onTmpfs();
        InotifyLimits limits = new InotifyLimits();
        limits.setMaxUserInstances(most);
        limits.setMaxUserWatches(most);
        List<InotifyFile> files = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            files.add(InotifyFile.create(limits, 7, true));
            Files.mkdir(c, "/d" + i);
            files.getFirst().addWatch(Files.find(c, "/d" + i), IN_CREATE);
        }
        Files.assertErrno(Errno.EMFILE, () -> InotifyFile.create(limits, 7, true));
        InotifyFile.create(limits, 8, true).release();
        InotifyFile first = files.getFirst();
        Files.assertErrno(Errno.ENOSPC, () -> first.addWatch(Files.find(c, "/"), IN_CREATE));
        first.removeWatch(1);
        assertThat(first.addWatch(Files.find(c, "/"), IN_CREATE)).isEqualTo(most + 1);
        files.forEach(InotifyFile::release);
        InotifyFile.create(limits, 7, true).release();
    }
}
