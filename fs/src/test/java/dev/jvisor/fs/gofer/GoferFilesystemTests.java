// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import static dev.jvisor.fs.testing.Files.assertErrno;
import static dev.jvisor.fs.testing.Files.find;
import static dev.jvisor.fs.testing.Files.list;
import static dev.jvisor.fs.testing.Files.open;
import static dev.jvisor.fs.testing.Files.read;
import static dev.jvisor.fs.testing.Files.stat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.mm.Mappable;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.host.HostFiles;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the client remembers, what it asks for, and what it keeps open. */
@Timeout(30)
final class GoferFilesystemTests {

    private final Path tree = HostTrees.create();
    private final HandleCache handles = new HandleCache(64);
    private GoferFilesystem fs;
    private TestContext c;

    @BeforeEach
    void mount() throws ErrnoException, IOException {
        Files.createDirectories(tree.resolve("d/e"));
        Files.writeString(tree.resolve("d/file"), "text");
        connect(GoferFilesystem.Caching.EXCLUSIVE, true);
    }

    private void connect(GoferFilesystem.Caching caching, boolean readOnly) throws ErrnoException {
        if (fs != null) {
            fs.release();
        }
        Transport transport = LocalGofer.direct(tree.toString(), readOnly);
        fs = new GoferFilesystem(transport, caching, readOnly, handles, 16);
        c = TestContext.on(fs);
    }

    @AfterEach
    void unmount() throws IOException {
        fs.release();
        HostTrees.delete(tree);
    }

    @Test
    void knownFilesAreReadAndStattedWithoutARequest() throws ErrnoException {
        assertThat(read(c, "/d/file")).isEqualTo("text");
        assertErrno(Errno.ENOENT, () -> stat(c, "/d/none"));
        assertThat(list(c, "/d")).containsExactlyInAnyOrder("e", "file");
        long before = fs.requestCount();
        for (int i = 0; i < 10; i++) {
            assertThat(read(c, "/d/file")).isEqualTo("text");
            assertThat(stat(c, "/d/file").size).isEqualTo(4);
            assertErrno(Errno.ENOENT, () -> stat(c, "/d/none"));
            assertThat(list(c, "/d")).hasSize(2);
        }
        assertThat(fs.requestCount()).isEqualTo(before);
    }

    @Test
    void listedDirectoryAnswersForNamesItDoesNotHave() throws ErrnoException {
        list(c, "/d");
        long before = fs.requestCount();
        for (int i = 0; i < 10; i++) {
            String name = "/d/missing" + i;
            assertErrno(Errno.ENOENT, () -> stat(c, name));
        }
        assertThat(fs.requestCount()).isEqualTo(before);
    }

    @Test
    void attributesOfManyEntriesComeTogether() throws ErrnoException, IOException {
        for (int i = 0; i < 200; i++) {
            Files.writeString(tree.resolve("d/e/" + i), "x".repeat(i));
        }
        List<String> names = list(c, "/d/e");
        long before = fs.requestCount();
        for (String name : names) {
            assertThat(stat(c, "/d/e/" + name).size).isEqualTo(Integer.parseInt(name));
        }
        assertThat(fs.requestCount() - before).isLessThan(30);
        assertThat(read(c, "/d/e/17")).hasSize(17);
    }

    @Test
    void sharedTreeShowsTheChangesOfOthers() throws ErrnoException, IOException {
        connect(GoferFilesystem.Caching.SHARED, false);
        assertThat(stat(c, "/d/file").size).isEqualTo(4);
        assertErrno(Errno.ENOENT, () -> stat(c, "/d/new"));
        assertThat(list(c, "/d")).hasSize(2);
        Files.writeString(tree.resolve("d/file"), "longer text");
        Files.writeString(tree.resolve("d/new"), "");
        assertThat(stat(c, "/d/file").size).isEqualTo(11);
        assertThat(read(c, "/d/file")).isEqualTo("longer text");
        assertThat(stat(c, "/d/new").size).isZero();
        assertThat(list(c, "/d")).hasSize(3);
        Files.delete(tree.resolve("d/new"));
        assertErrno(Errno.ENOENT, () -> stat(c, "/d/new"));
        Path other = tree.resolve("other");
        Files.writeString(other, "replaced");
        Files.move(
                other, tree.resolve("d/file"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(read(c, "/d/file")).isEqualTo("replaced");
    }

    @Test
    void inodeNumbersAreTheHosts() throws Exception {
        for (String name : new String[] {"/d", "/d/e", "/d/file"}) {
            Object host = Files.getAttribute(Path.of(tree + name), "unix:ino");
            assertThat(stat(c, name).inode).isEqualTo(host);
            assertThat(stat(c, name).device).isEqualTo(fs.deviceId());
        }
        FileDescription d = open(c, "/d", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY);
        List<Long> inodes = new ArrayList<>();
        d.iterate(c, (name, inode, type, offset) -> {
            inodes.add(inode);
            return true;
        });
        d.release();
        assertThat(inodes)
                .containsExactlyInAnyOrder(
                        stat(c, "/d").inode,
                        stat(c, "/").inode,
                        stat(c, "/d/e").inode,
                        stat(c, "/d/file").inode);
    }

    @Test
    void descriptorsKeptOpenAreFew() throws ErrnoException, IOException {
        for (int i = 0; i < 300; i++) {
            Files.createDirectories(tree.resolve("many/" + i));
            Files.writeString(tree.resolve("many/" + i + "/f"), "text" + i);
        }
        int before = HostTrees.descriptors();
        for (int i = 0; i < 300; i++) {
            assertThat(read(c, "/many/" + i + "/f")).isEqualTo("text" + i);
        }
        assertThat(handles.idleCount()).isEqualTo(8);
        assertThat(HostTrees.descriptors() - before).isLessThanOrEqualTo(8 + 16 + 1);
    }

    @Test
    void moreOpenFilesThanTheHostAllowsAreRefused() throws ErrnoException, IOException {
        List<FileDescription> files = new ArrayList<>();
        Errno failure = null;
        for (int i = 0; i < 100 && failure == null; i++) {
            Files.writeString(tree.resolve("f" + i), "");
            String name = "/f" + i;
            failure = dev.jvisor.fs.testing.Files.errnoOf(
                    () -> files.add(open(c, name, Fcntl.O_RDONLY)));
        }
        assertThat(failure).isEqualTo(Errno.ENFILE);
        assertThat(files).hasSize(32);
        files.removeLast().release();
        files.add(open(c, "/f32", Fcntl.O_RDONLY));
        for (FileDescription f : files) {
            f.release();
        }
    }

    @Test
    void openFileOutlivesTheCacheAndTheNameOnTheHost() throws ErrnoException, IOException {
        FileDescription file = open(c, "/d/file", Fcntl.O_RDONLY);
        Files.delete(tree.resolve("d/file"));
        for (int i = 0; i < 50; i++) {
            Files.writeString(tree.resolve("f" + i), "");
            read(c, "/f" + i);
        }
        assertThat(dev.jvisor.fs.testing.Files.read(c, file, 10)).isEqualTo("text");
        file.release();
    }

    @Test
    void mappingKeepsTheDescriptorOpen() throws ErrnoException {
        FileDescription file = open(c, "/d/file", Fcntl.O_RDONLY);
        Mappable map = file.mappable(c);
        int fd = map.hostFd();
        map.addMapping(null, 0x1000, 8192, 0);
        assertThat(map.mappingName()).isEqualTo("/d/file");
        file.release();
        find(c, "/d/file").dentry().inode().evict();
        byte[] bytes = new byte[10];
        assertThat(map.read(0, bytes, 0, 10)).isEqualTo(4);
        assertThat(map.size()).isEqualTo(4);
        map.removeMapping(null, 0x1000, 4096, 0);
        HostFiles.fcntl(fd, Fcntl.F_GETFD, 0);
        map.removeMapping(null, 0x2000, 4096, 4096);
        assertErrno(Errno.EBADF, () -> HostFiles.fcntl(fd, Fcntl.F_GETFD, 0));
        assertThat(handles.totalCount()).isZero();
    }

    @Test
    void hardLinksOfAWritableTreeAreOneInode() throws ErrnoException, IOException {
        Files.createLink(tree.resolve("d/link"), tree.resolve("d/file"));
        connect(GoferFilesystem.Caching.EXCLUSIVE, false);
        assertThat(find(c, "/d/link").dentry().inode())
                .isSameAs(find(c, "/d/file").dentry().inode());
        dev.jvisor.fs.testing.Files.write(c, "/d/link", "longer than before");
        assertThat(stat(c, "/d/file").size).isEqualTo(18);
    }

    @Test
    void specialFilesShowButDoNotOpen() throws ErrnoException, IOException {
        HostFiles.mknodat(
                Fcntl.AT_FDCWD, tree.resolve("fifo").toString(), StatMode.S_IFIFO | 0644, 0);
        FileStatus s = stat(c, "/fifo");
        assertThat(s.mode & StatMode.S_IFMT).isEqualTo(StatMode.S_IFIFO);
        GoferInode inode = (GoferInode) find(c, "/fifo").dentry().inode();
        assertErrno(Errno.ENXIO, () -> inode.open(c, find(c, "/fifo"), Fcntl.O_RDONLY));
    }

    @Test
    void singleFileIsATreeOfItsOwn() throws ErrnoException {
        GoferFilesystem one = new GoferFilesystem(
                LocalGofer.direct(tree.resolve("d/file").toString(), true),
                GoferFilesystem.Caching.SHARED,
                true);
        assertThat(one.root().isRegular()).isTrue();
        HostHandle h = one.root().handle(Fcntl.O_RDONLY);
        assertThat(GoferFileDescription.hostSize(h.fd)).isEqualTo(4);
        one.handles.release(h);
        one.release();
    }

    @Test
    void fileReplacedBehindAnExclusiveTreeIsNotTakenForTheOldOne()
            throws ErrnoException, IOException {
        stat(c, "/d/file");
        Files.writeString(tree.resolve("other"), "other");
        Files.move(
                tree.resolve("other"),
                tree.resolve("d/file"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertErrno(Errno.ESTALE, () -> open(c, "/d/file", Fcntl.O_RDONLY));
    }

    @Test
    void deadServerIsAnInputOutputError() throws Exception {
        String path = tree.toString();
        Transport[] transports = {LocalGofer.threaded(path, true), LocalGofer.direct(path, true)};
        for (Transport transport : transports) {
            GoferFilesystem gone =
                    new GoferFilesystem(transport, GoferFilesystem.Caching.SHARED, true);
            gone.release();
            assertErrno(Errno.EIO, () -> gone.root().lookup(c, "d"));
        }
    }

    @Test
    void readOnlyServerRefusesWhatAMountWouldHaveRefused() {
        assertErrno(Errno.EROFS, () -> fs.root().mkdir(c, "new", 0755));
        assertErrno(Errno.EROFS, () -> fs.root().create(c, "new", 0644));
        assertErrno(Errno.EROFS, () -> {
            GoferInode file = (GoferInode) find(c, "/d/file").dentry().inode();
            file.handle(Fcntl.O_RDWR);
        });
    }

    @Test
    void attributesSurviveVfsRename() throws ErrnoException {
        connect(GoferFilesystem.Caching.EXCLUSIVE, false);
        dev.jvisor.fs.testing.Files.mkdir(c, "/d/e/deep");
        Vfs.rename(c, null, "/d/e", null, "/moved", 0);
        for (int i = 0; i < 40; i++) {
            dev.jvisor.fs.testing.Files.mkdir(c, "/x" + i); // pushes out the fids
            dev.jvisor.fs.testing.Files.mkdir(c, "/x" + i + "/y");
        }
        dev.jvisor.fs.testing.Files.write(c, "/moved/deep/file", "text");
        assertThat(tree.resolve("moved/deep/file")).hasContent("text");
    }
}
