// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import static dev.jvisor.fs.testing.Files.assertErrno;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jvisor.fs.p9.P9;
import dev.jvisor.fs.p9.P9Attributes;
import dev.jvisor.fs.p9.P9DirectoryEntry;
import dev.jvisor.fs.p9.P9Reader;
import dev.jvisor.fs.p9.P9Writer;
import dev.jvisor.fs.p9.RMessage;
import dev.jvisor.fs.p9.TMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Socket;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostSockets;
import dev.jvisor.platform.host.NativeBuffer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A hostile client against the server: nothing gets out of the tree, nothing ends the session. */
@Timeout(30)
final class GoferServerTests {

    private static final int ROOT = 0;
    private static final String[] HERE = {};

    private final Path base = HostTrees.create();
    private final Path tree = base.resolve("tree");
    private int descriptorsBefore;
    private GoferServer server;
    private final P9Writer request = new P9Writer();
    private final P9Writer answer = new P9Writer();

    @BeforeEach
    void start() throws ErrnoException, IOException {
        Files.createDirectory(tree);
        Files.createDirectory(tree.resolve("dir"));
        Files.writeString(tree.resolve("dir/file"), "inside");
        Files.writeString(base.resolve("secret"), "outside");
        serve(false);
    }

    private void serve(boolean readOnly) throws ErrnoException {
        HostFiles.close(HostFiles.open("/dev/null", Fcntl.O_RDONLY));
        descriptorsBefore = HostTrees.descriptors();
        int root = HostFiles.open(tree.toString(), Fcntl.O_PATH | Fcntl.O_DIRECTORY);
        server = new GoferServer(-1, root, readOnly);
        call(new TMessage.Version(P9.MESSAGE_SIZE_MAX, P9.VERSION));
        call(new TMessage.Attach(ROOT, P9.NOFID, "", "", -1));
    }

    @AfterEach
    void everyDescriptorIsClosed() throws IOException {
        server.close();
        assertThat(HostTrees.descriptors()).isEqualTo(descriptorsBefore);
        HostTrees.delete(base);
    }

    private int donated = -1;

    private RMessage call(TMessage m) throws ErrnoException {
        m.encode(request, 5);
        return send(request.array(), request.size());
    }

    private RMessage send(byte[] bytes, int length) throws ErrnoException {
        donated = server.serve(bytes, length, answer);
        try {
            P9Reader in = new P9Reader(answer.array(), 0, answer.size());
            assertThat(in.i32()).isEqualTo(answer.size());
            int type = in.u8();
            in.u16();
            RMessage r = RMessage.decode(type, in);
            if (r instanceof RMessage.Lerror e) {
                throw Errno.of(e.number()).exception();
            }
            return r;
        } catch (dev.jvisor.fs.p9.P9FormatException e) {
            throw new AssertionError(e);
        }
    }

    private P9Attributes walk(int newFid, String... names) throws ErrnoException {
        RMessage.WalkGetattr r =
                (RMessage.WalkGetattr) call(new TMessage.WalkGetattr(ROOT, newFid, 0, names));
        return r.attributes()[r.attributes().length - 1];
    }

    /** How far a walk gets. */
    private int steps(String... names) throws ErrnoException {
        TMessage m = new TMessage.WalkGetattr(ROOT, P9.NOFID, 0, names);
        return ((RMessage.WalkGetattr) call(m)).attributes().length;
    }

    private String readDonated() throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        int n = (int) HostFiles.pread(donated, b.address(), 1000, 0);
        byte[] bytes = new byte[n];
        b.get(0, bytes, 0, n);
        HostFiles.close(donated);
        return new String(bytes, ISO_8859_1);
    }

    private boolean sessionLives() throws ErrnoException {
        return ((RMessage.Getattr) call(new TMessage.Getattr(ROOT, P9.GETATTR_ALL)))
                .attributes()
                .isDirectory();
    }

    @Test
    void walkOpenAndReadWork() throws ErrnoException {
        assertThat(walk(1, "dir", "file").size).isEqualTo(6);
        RMessage.Lopen open = (RMessage.Lopen) call(new TMessage.Lopen(1, Fcntl.O_RDONLY));
        assertThat(open.donated()).isTrue();
        assertThat(readDonated()).isEqualTo("inside");
        call(new TMessage.Walk(ROOT, 2, new String[] {"dir"}));
        call(new TMessage.Openat(2, "file", Fcntl.O_RDONLY));
        assertThat(readDonated()).isEqualTo("inside");
    }

    @Test
    void namesThatAreNoNamesAreRefused() throws ErrnoException, IOException {
        Files.createSymbolicLink(tree.resolve("up"), Path.of(".."));
        String[] bad = {"..", ".", "", "/", "/etc", "dir/..", "dir/../..", "../secret", "a\0b"};
        for (String name : bad) {
            String[] names = {name};
            assertErrno(Errno.EINVAL, () -> walk(9, name));
            assertErrno(Errno.EINVAL, () -> call(new TMessage.Walk(ROOT, 9, names)));
            assertErrno(Errno.EINVAL, () -> call(new TMessage.Mkdir(ROOT, name, 0755, -1)));
            assertErrno(Errno.EINVAL, () -> call(new TMessage.Symlink(ROOT, name, "x", -1)));
            assertErrno(Errno.EINVAL, () -> call(new TMessage.Link(ROOT, ROOT, name)));
            assertErrno(Errno.EINVAL, () -> call(new TMessage.Readlinkat(ROOT, name)));
            assertErrno(Errno.EINVAL, () -> call(new TMessage.Unlinkat(ROOT, name, 0)));
            assertErrno(
                    Errno.EINVAL,
                    () -> call(new TMessage.Mknod(ROOT, name, StatMode.S_IFIFO | 0600, 0, 0, -1)));
            assertErrno(Errno.EINVAL, () -> call(new TMessage.Renameat(ROOT, "dir", ROOT, name)));
            assertErrno(Errno.EINVAL, () -> call(new TMessage.Renameat(ROOT, name, ROOT, "new")));
            if (!name.isEmpty()) { // an empty name is the fid itself, or a nameless new file
                assertErrno(
                        Errno.EINVAL, () -> call(new TMessage.Openat(ROOT, name, Fcntl.O_RDONLY)));
                walk(8);
                assertErrno(
                        Errno.EINVAL,
                        () -> call(new TMessage.Lcreate(8, name, Fcntl.O_RDWR, 0644, -1)));
                call(new TMessage.Clunk(8));
            }
        }
        assertErrno(Errno.ENAMETOOLONG, () -> walk(9, "n".repeat(256)));
        assertThat(server.fidCount()).isEqualTo(1);
        assertThat(tree.resolve("new")).doesNotExist();
    }

    @Test
    void symbolicLinksAreNeverFollowed() throws ErrnoException, IOException {
        Files.createSymbolicLink(tree.resolve("out"), base);
        Files.createSymbolicLink(tree.resolve("secret"), base.resolve("secret"));
        Files.createSymbolicLink(tree.resolve("proc"), Path.of("/proc/self/root"));
        for (String link : new String[] {"out", "secret", "proc"}) {
            assertThat(walk(1, link).type()).isEqualTo(StatMode.S_IFLNK);
            assertErrno(
                    Errno.ENOTDIR, () -> call(new TMessage.Walk(1, 2, new String[] {"secret"})));
            assertErrno(Errno.ELOOP, () -> call(new TMessage.Lopen(1, Fcntl.O_RDONLY)));
            assertErrno(Errno.ELOOP, () -> call(new TMessage.Openat(ROOT, link, Fcntl.O_RDONLY)));
            call(new TMessage.Clunk(1));
        }
        walk(1, "secret");
        assertErrno(
                Errno.EOPNOTSUPP,
                () -> call(new TMessage.Setattr(1, P9.SETATTR_MODE, 0777, 0, 0, 0, 0, 0, 0, 0)));
        call(new TMessage.Link(ROOT, 1, "linked"));
        assertThat(tree.resolve("linked")).isSymbolicLink();
        assertThat(Files.readString(base.resolve("secret"))).isEqualTo("outside");
    }

    @Test
    void directorySwappedForALinkAfterTheWalkLeadsNowhereElse() throws Exception {
        walk(1, "dir");
        Files.move(tree.resolve("dir"), base.resolve("moved"));
        Files.createSymbolicLink(tree.resolve("dir"), base);
        assertErrno(Errno.ENOENT, () -> call(new TMessage.Openat(1, "secret", Fcntl.O_RDONLY)));
        call(new TMessage.Openat(1, "file", Fcntl.O_RDONLY));
        assertThat(readDonated()).isEqualTo("inside");
        assertThat(steps("dir", "secret")).isEqualTo(1);
    }

    @Test
    void linksAndDirectoriesSwappedAllTheTimeNeverLeadOut() throws Exception {
        String dir = tree.resolve("dir").toString();
        String link = tree.resolve("link").toString();
        Files.createSymbolicLink(Path.of(link), base);
        java.util.concurrent.atomic.AtomicBoolean stop =
                new java.util.concurrent.atomic.AtomicBoolean();
        Thread swapper = new Thread(() -> swap(dir, link, stop));
        swapper.start();
        for (int i = 0; i < 3000; i++) {
            try {
                TMessage m = new TMessage.Walk(ROOT, 3, new String[] {"dir", "secret"});
                assertThat(((RMessage.Walk) call(m)).qids()).hasSizeLessThan(2);
            } catch (ErrnoException e) {
                assertThat(e.errno).isIn(Errno.ENOTDIR, Errno.ENOENT);
            }
        }
        stop.set(true);
        swapper.join();
        assertThat(server.fidCount()).isEqualTo(1);
    }

    private static void swap(String a, String b, java.util.concurrent.atomic.AtomicBoolean stop) {
        try {
            while (!stop.get()) {
                HostFiles.renameat2(Fcntl.AT_FDCWD, a, Fcntl.AT_FDCWD, b, Fcntl.RENAME_EXCHANGE);
            }
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        } finally {
            NativeBuffer.releaseScratch();
        }
    }

    @Test
    void readOnlyTreeRefusesEveryChange() throws ErrnoException, IOException {
        server.close();
        serve(true);
        walk(1, "dir", "file");
        walk(2, "dir");
        List<TMessage> changes = new ArrayList<>();
        changes.add(new TMessage.Lopen(1, Fcntl.O_WRONLY));
        changes.add(new TMessage.Lopen(1, Fcntl.O_RDWR));
        changes.add(new TMessage.Lopen(1, Fcntl.O_RDONLY | Fcntl.O_TRUNC));
        changes.add(new TMessage.Openat(2, "file", Fcntl.O_RDWR));
        changes.add(new TMessage.Lcreate(2, "new", Fcntl.O_RDWR, 0644, -1));
        changes.add(new TMessage.Lcreate(2, "", Fcntl.O_RDWR, 0644, -1));
        changes.add(new TMessage.Mkdir(2, "new", 0755, -1));
        changes.add(new TMessage.Mknod(2, "new", StatMode.S_IFIFO, 0, 0, -1));
        changes.add(new TMessage.Symlink(2, "new", "x", -1));
        changes.add(new TMessage.Link(2, 1, "new"));
        changes.add(new TMessage.Renameat(2, "file", 2, "new"));
        changes.add(new TMessage.Renameat2(2, "file", 2, "new", 0));
        changes.add(new TMessage.Unlinkat(2, "file", 0));
        changes.add(new TMessage.Setattr(1, P9.SETATTR_MODE, 0, 0, 0, 0, 0, 0, 0, 0));
        changes.add(new TMessage.Xattrcreate(1, "user.a", 1, 0));
        for (TMessage m : changes) {
            assertErrno(Errno.EROFS, () -> call(m));
        }
        assertErrno(Errno.EINVAL, () -> call(new TMessage.Openat(2, "file", Fcntl.O_ACCMODE)));
        call(new TMessage.Lopen(1, Fcntl.O_RDONLY));
        int fd = donated;
        assertThat(HostFiles.fcntl(fd, Fcntl.F_GETFL, 0) & Fcntl.O_ACCMODE)
                .isEqualTo(Fcntl.O_RDONLY);
        HostFiles.close(fd);
        try (var names = Files.list(tree.resolve("dir"))) {
            assertThat(names).hasSize(1);
        }
    }

    @Test
    void specialFilesAreNeitherOpenedNorMade() throws ErrnoException {
        call(new TMessage.Mknod(ROOT, "fifo", StatMode.S_IFIFO | 0666, 0, 0, -1));
        assertThat(walk(1, "fifo").mode).isEqualTo(StatMode.S_IFIFO | 0666);
        assertErrno(Errno.ENXIO, () -> call(new TMessage.Lopen(1, Fcntl.O_RDONLY)));
        assertErrno(Errno.ENXIO, () -> call(new TMessage.Openat(ROOT, "fifo", Fcntl.O_RDWR)));
        assertErrno(
                Errno.EPERM,
                () -> call(new TMessage.Mknod(ROOT, "null", StatMode.S_IFCHR | 0666, 1, 3, -1)));
        assertErrno(
                Errno.EPERM,
                () -> call(new TMessage.Mknod(ROOT, "disk", StatMode.S_IFBLK | 0666, 8, 0, -1)));
        assertErrno(
                Errno.EINVAL,
                () -> call(new TMessage.Mknod(ROOT, "dir2", StatMode.S_IFDIR | 0777, 0, 0, -1)));
    }

    @Test
    void kernelFileSystemsBelowTheTreeAreEmpty() throws ErrnoException {
        server.close();
        GoferServer whole =
                new GoferServer(-1, HostFiles.open("/", Fcntl.O_PATH | Fcntl.O_DIRECTORY), true);
        server = whole;
        call(new TMessage.Version(P9.MESSAGE_SIZE_MAX, P9.VERSION));
        call(new TMessage.Attach(ROOT, P9.NOFID, "", "", -1));
        walk(1, "proc");
        assertErrno(Errno.ENOENT, () -> call(new TMessage.Walk(1, 2, new String[] {"self"})));
        assertThat(steps("sys", "kernel")).isEqualTo(1);
        RMessage.ReaddirAttr list =
                (RMessage.ReaddirAttr) call(new TMessage.ReaddirAttr(1, 0, 4096, 0));
        assertThat(list.list()).isEmpty();
        assertErrno(Errno.EACCES, () -> call(new TMessage.Lopen(1, Fcntl.O_RDONLY)));
    }

    @Test
    void fidsAreChecked() throws ErrnoException {
        assertErrno(Errno.EBADF, () -> call(new TMessage.Getattr(77, 0)));
        assertErrno(Errno.EBADF, () -> call(new TMessage.Clunk(77)));
        assertErrno(Errno.EINVAL, () -> call(new TMessage.Attach(ROOT, P9.NOFID, "", "", -1)));
        assertErrno(Errno.EINVAL, () -> call(new TMessage.Attach(5, 1, "", "", -1)));
        assertErrno(Errno.ENOENT, () -> call(new TMessage.Attach(5, P9.NOFID, "", "/etc", -1)));
        walk(1, "dir");
        assertErrno(Errno.EINVAL, () -> walk(1, "dir"));
        assertErrno(Errno.EINVAL, () -> call(new TMessage.Walk(ROOT, P9.NOFID, HERE)));
        assertErrno(Errno.EBADF, () -> call(new TMessage.Readdir(1, 0, 4096)));
        call(new TMessage.Lopen(1, Fcntl.O_RDONLY));
        assertErrno(Errno.EBUSY, () -> call(new TMessage.Lopen(1, Fcntl.O_RDONLY)));
        assertErrno(Errno.EBUSY, () -> call(new TMessage.Walk(1, 1, HERE)));
        assertErrno(Errno.EBADF, () -> call(new TMessage.Read(1, 0, 10)));
        assertErrno(Errno.EINVAL, () -> call(new TMessage.Readdir(1, 0, -1)));
        assertErrno(Errno.EINVAL, () -> call(new TMessage.Readlink(1)));
    }

    @Test
    void fidTableIsBounded() throws ErrnoException {
        int made = 0;
        try {
            for (int fid = 1; fid < 100_000; fid++) {
                walk(fid);
                made++;
            }
        } catch (ErrnoException e) {
            assertThat(e.errno).isEqualTo(Errno.EMFILE);
        }
        assertThat(made).isLessThan(HostFiles.descriptorLimit() / 2);
        assertThat(sessionLives()).isTrue();
    }

    @Test
    void malformedMessagesAreErrorsNotMore() throws ErrnoException {
        new TMessage.Getattr(ROOT, 0).encode(request, 5);
        byte[] good = request.array().clone();
        int size = request.size();
        for (int length = 0; length < size; length++) {
            int cut = length;
            assertErrno(Errno.EPROTO, () -> send(good, cut));
        }
        byte[] longer = java.util.Arrays.copyOf(good, size + 1);
        longer[0]++;
        assertErrno(Errno.EPROTO, () -> send(longer, size + 1));
        byte[] lies = good.clone();
        lies[3] = (byte) 0x80;
        assertErrno(Errno.EPROTO, () -> send(lies, size));
        byte[] unknown = good.clone();
        unknown[4] = 99;
        assertErrno(Errno.EPROTO, () -> send(unknown, size));
        String[] names = new String[P9.WALK_NAMES_MAX + 1];
        java.util.Arrays.fill(names, "dir");
        assertErrno(Errno.EPROTO, () -> walk(1, names));
        assertThat(sessionLives()).isTrue();
    }

    @Test
    void nothingWorksBeforeTheVersionAndAVersionForgetsEverything() throws ErrnoException {
        walk(1, "dir");
        assertErrno(Errno.EINVAL, () -> call(new TMessage.Version(100, P9.VERSION)));
        assertErrno(Errno.EPROTO, () -> call(new TMessage.Getattr(ROOT, 0)));
        RMessage.Version other = (RMessage.Version) call(new TMessage.Version(1 << 30, "9P2000.u"));
        assertThat(other.version()).isEqualTo(P9.VERSION_UNKNOWN);
        assertThat(other.messageSize()).isEqualTo(P9.MESSAGE_SIZE_MAX);
        assertErrno(Errno.EPROTO, () -> call(new TMessage.Getattr(ROOT, 0)));
        call(new TMessage.Version(P9.MESSAGE_SIZE_MIN, P9.VERSION));
        assertErrno(Errno.EBADF, () -> call(new TMessage.Getattr(1, 0)));
        assertThat(server.fidCount()).isZero();
    }

    @Test
    void hugeSizesAndOffsetsAreErrors() throws ErrnoException {
        walk(1, "dir", "file");
        assertErrno(
                Errno.EINVAL,
                () -> call(new TMessage.Setattr(1, P9.SETATTR_SIZE, 0, 0, 0, -1, 0, 0, 0, 0)));
        assertErrno(
                Errno.EFBIG,
                () -> call(new TMessage.Setattr(
                        1, P9.SETATTR_SIZE, 0, 0, 0, Long.MAX_VALUE, 0, 0, 0, 0)));
        assertErrno(
                Errno.EINVAL,
                () -> call(new TMessage.Setattr(
                        1,
                        P9.SETATTR_ATIME | P9.SETATTR_ATIME_SET,
                        0,
                        0,
                        0,
                        0,
                        0,
                        1L << 40,
                        0,
                        0)));
        assertErrno(Errno.E2BIG, () -> call(new TMessage.Xattrcreate(1, "user.a", 1L << 40, 0)));
        walk(2, "dir");
        assertErrno(Errno.EINVAL, () -> call(new TMessage.ReaddirAttr(2, -5, 100, 0)));
        assertErrno(Errno.EINVAL, () -> call(new TMessage.ReaddirAttr(2, 0, -1, 0)));
        assertErrno(Errno.EINVAL, () -> call(new TMessage.Renameat2(ROOT, "dir", ROOT, "d", 4)));
        assertErrno(Errno.EINVAL, () -> call(new TMessage.Unlinkat(ROOT, "dir", 7)));
        assertThat(sessionLives()).isTrue();
    }

    @Test
    void directoryIsListedInPartsOfAnySize() throws ErrnoException, IOException {
        List<String> expected = new ArrayList<>(List.of(".", ".."));
        for (int i = 0; i < 300; i++) {
            String name = "entry-" + i + "x".repeat(i % 100);
            Files.createFile(tree.resolve("dir").resolve(name));
            expected.add(name);
        }
        expected.add("file");
        for (int count : new int[] {200, 600, 5000, P9.MESSAGE_SIZE_MAX}) {
            for (int flags : new int[] {0, P9.READDIR_ATTRIBUTES}) {
                walk(1, "dir");
                assertThat(list(1, Math.max(count, 400 * flags), flags))
                        .containsExactlyInAnyOrderElementsOf(expected);
                call(new TMessage.Clunk(1));
            }
        }
    }

    private List<String> list(int fid, int count, int flags) throws ErrnoException {
        List<String> names = new ArrayList<>();
        long offset = 0;
        for (; ; ) {
            RMessage.ReaddirAttr part = (RMessage.ReaddirAttr)
                    call(new TMessage.ReaddirAttr(fid, offset, count, flags));
            assertThat(part.end() || part.list().length > 0).isTrue();
            for (P9DirectoryEntry e : part.list()) {
                names.add(e.name());
                offset = e.offset();
                boolean dots = e.name().startsWith(".");
                assertThat(e.attributes() != null).isEqualTo(flags != 0 && !dots);
            }
            if (part.end()) {
                return names;
            }
        }
    }

    @Test
    void socketServesPacketsAndDropsDescriptorsOfTheClient() throws Exception {
        int[] pair = HostSockets.pair(Socket.SOCK_SEQPACKET);
        GoferServer onSocket = new GoferServer(
                pair[1], HostFiles.open(tree.toString(), Fcntl.O_PATH | Fcntl.O_DIRECTORY), false);
        Thread thread = new Thread(onSocket);
        thread.start();
        NativeBuffer big = NativeBuffer.allocate(2 * P9.MESSAGE_SIZE_MAX);
        HostSockets.send(pair[0], big.address(), P9.MESSAGE_SIZE_MAX + 1, -1);
        assertThat(errorFrom(pair[0], big)).isEqualTo(Errno.EMSGSIZE.number);
        int before = HostTrees.descriptors();
        HostSockets.send(pair[0], big.address(), 3, pair[0]);
        assertThat(errorFrom(pair[0], big)).isEqualTo(Errno.EPROTO.number);
        assertThat(HostTrees.descriptors()).isEqualTo(before);
        HostFiles.close(pair[0]);
        thread.join();
        big.free();
    }

    private static int errorFrom(int socket, NativeBuffer buffer) throws Exception {
        int n = HostSockets.receive(socket, buffer.address(), buffer.size(), null);
        byte[] bytes = new byte[n];
        buffer.get(0, bytes, 0, n);
        P9Reader in = new P9Reader(bytes, 0, n);
        in.i32();
        int type = in.u8();
        in.u16();
        return ((RMessage.Lerror) RMessage.decode(type, in)).number();
    }
}
