// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.P9;
import dev.jvisor.fs.p9.P9Attributes;
import dev.jvisor.fs.p9.P9DirectoryEntry;
import dev.jvisor.fs.p9.P9FormatException;
import dev.jvisor.fs.p9.P9Reader;
import dev.jvisor.fs.p9.P9Writer;
import dev.jvisor.fs.p9.Qid;
import dev.jvisor.fs.p9.RMessage;
import dev.jvisor.fs.p9.TMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostSockets;
import dev.jvisor.platform.host.NativeBuffer;

/**
 * Serves one host directory tree to one client, which it takes for hostile.
 *
 * <p>It needs nothing but the descriptors it is given, so it can be a thread ({@link #run}), a
 * process, or be called in place ({@link DirectTransport}). A request that is malformed or that
 * fails is answered with Rlerror; no request ends the session. Read-only trees answer EROFS to
 * every change and donate descriptors that are open for reading only. Device nodes, FIFOs and
 * sockets are never opened.
 */
public final class GoferServer implements Runnable {

    private static final int FIDS_MAX = 16 * 1024;

    /** Bytes of Rreaddir before the entries. */
    private static final int READDIR_OVERHEAD = P9.HEADER_SIZE + 5;

    private final int socket;
    private final int root;
    private final HostTree tree;
    private final DirectoryReader directories;
    private final FidTable fids;
    private final XattrFids xattrs;
    private final P9Reader reader = new P9Reader();
    private boolean closed;

    /** 0 until a version is agreed on. */
    private int messageSize;

    /** The descriptor that goes with the answer being made. */
    private int donation = -1;

    /**
     * Takes over both descriptors.
     *
     * @param socket SOCK_SEQPACKET socket to the client, or -1 if requests come by {@link #serve}
     *     only
     * @param root the tree's directory
     * @param readOnly whether nothing may be changed
     * @throws ErrnoException if {@code /proc} is missing
     */
    public GoferServer(int socket, int root, boolean readOnly) throws ErrnoException {
        this.socket = socket;
        this.root = root;
        this.tree = new HostTree(readOnly);
        this.directories = new DirectoryReader(tree);
        this.fids = new FidTable(Math.max(64, Math.min(FIDS_MAX, HostFiles.descriptorLimit() / 4)));
        this.xattrs = new XattrFids(tree, fids);
    }

    /** Answers requests on the socket until the client closes it. */
    @Override
    public void run() {
        NativeBuffer buffer = NativeBuffer.allocate(P9.MESSAGE_SIZE_MAX);
        byte[] request = new byte[P9.MESSAGE_SIZE_MAX];
        P9Writer answer = new P9Writer();
        try {
            for (; ; ) {
                int length = receive(buffer);
                if (length == 0) {
                    return;
                }
                int descriptor = -1;
                if (length < 0) {
                    error(answer, P9.NOTAG, Errno.EMSGSIZE);
                } else {
                    buffer.get(0, request, 0, length);
                    descriptor = serve(request, length, answer);
                }
                buffer.put(0, answer.array(), 0, answer.size());
                try {
                    HostSockets.send(socket, buffer.address(), answer.size(), descriptor);
                } finally {
                    HostFiles.close(descriptor);
                }
            }
        } catch (ErrnoException e) {
            // The client is gone: there is nobody to tell.
        } finally {
            close();
            buffer.free();
            NativeBuffer.releaseScratch();
        }
    }

    /** Returns the request's length, 0 at the end, -1 if it was longer than any may be. */
    private int receive(NativeBuffer buffer) throws ErrnoException {
        try {
            // No room for descriptors: the kernel drops what a client sends.
            return HostSockets.receive(socket, buffer.address(), P9.MESSAGE_SIZE_MAX, null);
        } catch (ErrnoException e) {
            if (e.errno == Errno.EMSGSIZE) {
                return -1;
            }
            throw e;
        }
    }

    /** Ends the session and closes every descriptor. */
    public synchronized void close() {
        if (!closed) {
            closed = true;
            fids.closeAll();
            directories.close();
            tree.close();
            HostFiles.close(root);
            HostFiles.close(socket);
        }
    }

    /**
     * Answers one request.
     *
     * @param answer where the answer is written
     * @return a descriptor that goes with the answer, owned by the caller, or -1
     */
    public synchronized int serve(byte[] request, int length, P9Writer answer) {
        int tag = P9.NOTAG;
        donation = -1;
        try {
            reader.reset(request, 0, length);
            int size = reader.i32();
            int type = reader.u8();
            tag = reader.u16();
            if (closed) {
                throw Errno.EIO.exception();
            }
            if (size != length) {
                throw new P9FormatException("size differs from the packet's");
            }
            TMessage message = TMessage.decode(type, reader);
            dispatch(message).encode(answer, tag);
        } catch (ErrnoException e) {
            error(answer, tag, e.errno);
        } catch (P9FormatException e) {
            error(answer, tag, Errno.EPROTO);
        } catch (RuntimeException e) {
            error(answer, tag, Errno.EIO); // a bug of ours must not end the session
        }
        int descriptor = donation;
        donation = -1;
        return descriptor;
    }

    private void error(P9Writer answer, int tag, Errno errno) {
        HostFiles.close(donation);
        donation = -1;
        new RMessage.Lerror(errno.number).encode(answer, tag);
    }

    private RMessage dispatch(TMessage m) throws ErrnoException {
        if (messageSize == 0 && m.type() != P9.TVERSION) {
            throw Errno.EPROTO.exception();
        }
        return switch (m.type()) {
            case P9.TVERSION -> version((TMessage.Version) m);
            case P9.TATTACH -> attach((TMessage.Attach) m);
            case P9.TFLUSH -> done(m); // requests are answered in order: the old one is done
            case P9.TWALK -> walk((TMessage.Walk) m);
            case P9.TWALKGETATTR -> walkGetattr((TMessage.WalkGetattr) m);
            case P9.TLOPEN -> lopen((TMessage.Lopen) m);
            case P9.TOPENAT -> openat((TMessage.Openat) m);
            case P9.TREAD -> read((TMessage.Read) m);
            case P9.TCLUNK -> clunk((TMessage.Clunk) m);
            case P9.TGETATTR ->
                new RMessage.Getattr(tree.attributes(ordinary(((TMessage.Getattr) m).fid())));
            case P9.TREADDIR -> readdir((TMessage.Readdir) m);
            case P9.TREADDIRATTR -> readdirAttr((TMessage.ReaddirAttr) m);
            case P9.TREADLINK -> readlink((TMessage.Readlink) m);
            case P9.TREADLINKAT -> readlinkat((TMessage.Readlinkat) m);
            case P9.TSTATFS -> statfs((TMessage.Statfs) m);
            case P9.TXATTRWALK -> xattrs.walk((TMessage.Xattrwalk) m);
            default -> change(m);
        };
    }

    private RMessage change(TMessage m) throws ErrnoException {
        switch (m) {
            case TMessage.Lcreate c -> {
                return lcreate(c);
            }
            case TMessage.Mkdir c -> {
                tree.mkdir(ordinary(c.fid()), c.name(), c.mode(), c.gid());
                return made(c, c.fid(), c.name());
            }
            case TMessage.Mknod c -> {
                tree.mknod(ordinary(c.fid()), c.name(), c.mode(), c.gid());
                return made(c, c.fid(), c.name());
            }
            case TMessage.Symlink c -> {
                tree.symlink(ordinary(c.fid()), c.name(), c.target(), c.gid());
                return made(c, c.fid(), c.name());
            }
            case TMessage.Link c ->
                tree.link(ordinary(c.directoryFid()), ordinary(c.fid()), c.name());
            case TMessage.Renameat c ->
                tree.rename(
                        ordinary(c.oldFid()), c.oldName(), ordinary(c.newFid()), c.newName(), 0);
            case TMessage.Renameat2 c ->
                tree.rename(
                        ordinary(c.oldFid()),
                        c.oldName(),
                        ordinary(c.newFid()),
                        c.newName(),
                        c.flags());
            case TMessage.Unlinkat c -> tree.unlink(ordinary(c.fid()), c.name(), c.flags());
            case TMessage.Setattr c -> tree.setAttributes(ordinary(c.fid()), c);
            case TMessage.Fsync c -> tree.sync(ordinary(c.fid()), c.dataOnly() != 0);
            case TMessage.Write c -> {
                return write(c);
            }
            case TMessage.Xattrcreate c -> xattrs.create(c);
            default -> throw Errno.EOPNOTSUPP.exception();
        }
        return done(m);
    }

    private static RMessage done(TMessage m) {
        return new RMessage.Done(m.type() + 1);
    }

    /** A fid that stands for a file, not for an attribute's value. */
    private Fid ordinary(int fid) throws ErrnoException {
        Fid f = fids.get(fid);
        if (f.xattr != null) {
            throw Errno.EBADF.exception();
        }
        return f;
    }

    private RMessage version(TMessage.Version m) throws ErrnoException {
        fids.closeAll();
        messageSize = 0;
        if (m.messageSize() < P9.MESSAGE_SIZE_MIN) {
            throw Errno.EINVAL.exception();
        }
        int size = Math.min(m.messageSize(), P9.MESSAGE_SIZE_MAX);
        if (!P9.VERSION.equals(m.version())) {
            return new RMessage.Version(size, P9.VERSION_UNKNOWN);
        }
        messageSize = size;
        return new RMessage.Version(size, P9.VERSION);
    }

    private RMessage attach(TMessage.Attach m) throws ErrnoException {
        fids.checkFree(m.fid(), P9.NOFID);
        if (m.authFid() != P9.NOFID) {
            throw Errno.EINVAL.exception();
        }
        if (!m.tree().isEmpty() && !"/".equals(m.tree())) {
            throw Errno.ENOENT.exception();
        }
        Fid f = tree.adopt(HostFiles.dup(root), false, 0, true);
        fids.put(m.fid(), f);
        return new RMessage.WithQid(P9.TATTACH + 1, qid(f));
    }

    private static Qid qid(Fid f) {
        return new Qid(Qid.typeOf(f.type), 0, f.inode);
    }

    private RMessage walk(TMessage.Walk m) throws ErrnoException {
        Fid from = ordinary(m.fid());
        checkWalk(from, m.newFid(), m.fid());
        Qid[] qids = new Qid[m.names().length];
        Fid at = tree.copy(from);
        int steps = 0;
        try {
            for (; steps < qids.length; steps++) {
                at = replace(at, m.names()[steps]);
                qids[steps] = qid(at);
            }
        } catch (ErrnoException e) {
            at.close();
            if (steps == 0) {
                throw e;
            }
            return new RMessage.Walk(java.util.Arrays.copyOf(qids, steps));
        }
        fids.put(m.newFid(), at);
        return new RMessage.Walk(qids);
    }

    private RMessage walkGetattr(TMessage.WalkGetattr m) throws ErrnoException {
        Fid from = ordinary(m.fid());
        if (m.newFid() != P9.NOFID) {
            checkWalk(from, m.newFid(), m.fid());
        }
        int count = m.names().length;
        P9Attributes[] list = new P9Attributes[Math.max(1, count)];
        if (count == 0 && m.newFid() == P9.NOFID) {
            list[0] = tree.attributes(from);
            return new RMessage.WalkGetattr(list);
        }
        Fid at = from;
        int steps = 0;
        boolean onlyDirectory = (m.flags() & P9.WALK_FID_IF_DIRECTORY) != 0;
        boolean mayPeek = m.newFid() == P9.NOFID || onlyDirectory;
        try {
            if (count == 0) {
                at = tree.copy(from);
                list[0] = tree.attributes(at);
            }
            for (; steps < count; steps++) {
                if (mayPeek && steps == count - 1) {
                    list[steps] = tree.peek(at, m.names()[steps]);
                    if (m.newFid() == P9.NOFID || !list[steps].isDirectory()) {
                        closeUnless(from, at);
                        return new RMessage.WalkGetattr(list);
                    }
                }
                Fid next = tree.step(at, m.names()[steps]);
                closeUnless(from, at);
                at = next;
                list[steps] = tree.lastAttributes();
            }
        } catch (ErrnoException e) {
            closeUnless(from, at);
            if (steps == 0) {
                throw e;
            }
            return new RMessage.WalkGetattr(java.util.Arrays.copyOf(list, steps));
        }
        if (onlyDirectory && !at.isDirectory()) {
            at.close();
        } else {
            fids.put(m.newFid(), at);
        }
        return new RMessage.WalkGetattr(list);
    }

    private static void closeUnless(Fid kept, Fid fid) {
        if (fid != kept) {
            fid.close();
        }
    }

    /** Steps to a child and lets go of where it stood; on failure, {@code at} is still held. */
    private Fid replace(Fid at, String name) throws ErrnoException {
        Fid next = tree.step(at, name);
        at.close();
        return next;
    }

    private void checkWalk(Fid from, int newFid, int fid) throws ErrnoException {
        fids.checkFree(newFid, fid);
        if (from.isOpen() && newFid == fid) {
            throw Errno.EBUSY.exception();
        }
    }

    private RMessage lopen(TMessage.Lopen m) throws ErrnoException {
        Fid f = ordinary(m.fid());
        if (f.isOpen()) {
            throw Errno.EBUSY.exception();
        }
        int fd = tree.open(f, m.flags());
        if (f.isDirectory()) {
            HostFiles.close(f.openFd);
            f.openFd = fd;
            f.autoOpened = false;
            f.directoryOffset = 0;
        } else {
            f.isDonated = true;
            donation = fd;
        }
        return new RMessage.Lopen(qid(f), 0, donation >= 0);
    }

    private RMessage openat(TMessage.Openat m) throws ErrnoException {
        Fid from = ordinary(m.fid());
        if (m.name().isEmpty()) {
            return opened(from, m.flags());
        }
        Fid child = tree.step(from, m.name());
        try {
            return opened(child, m.flags()); // the attributes are as after O_TRUNC
        } finally {
            child.close();
        }
    }

    private RMessage opened(Fid f, int flags) throws ErrnoException {
        if (f.isDirectory()) {
            throw Errno.EISDIR.exception();
        }
        donation = tree.open(f, flags);
        return new RMessage.Openat(tree.attributes(f), true);
    }

    private RMessage lcreate(TMessage.Lcreate m) throws ErrnoException {
        Fid directory = ordinary(m.fid());
        if (directory.isOpen()) {
            throw Errno.EBUSY.exception();
        }
        Fid f = tree.create(directory, m.name(), m.flags(), m.mode(), m.gid());
        donation = f.openFd;
        f.openFd = -1;
        f.isDonated = true;
        fids.put(m.fid(), f);
        return new RMessage.Lcreate(qid(f), 0, true);
    }

    private RMessage made(TMessage m, int directory, String name) throws ErrnoException {
        Fid f = tree.step(ordinary(directory), name);
        f.close();
        return new RMessage.WithQid(m.type() + 1, qid(f));
    }

    /** Files are read through donated descriptors: what is left are values of attributes. */
    private RMessage read(TMessage.Read m) throws ErrnoException {
        int room = messageSize - P9.HEADER_SIZE - 4;
        if (m.count() < 0 || m.offset() < 0) {
            throw Errno.EINVAL.exception();
        }
        return new RMessage.Read(
                xattrs.read(fids.get(m.fid()), m.offset(), Math.min(m.count(), room)));
    }

    private RMessage write(TMessage.Write m) throws ErrnoException {
        return new RMessage.Write(xattrs.write(fids.get(m.fid()), m.offset(), m.data()));
    }

    private RMessage clunk(TMessage.Clunk m) throws ErrnoException {
        Fid f = fids.remove(m.fid());
        if (f == null) {
            throw Errno.EBADF.exception();
        }
        try {
            xattrs.clunk(f);
        } finally {
            f.close();
        }
        return done(m);
    }

    private RMessage readdir(TMessage.Readdir m) throws ErrnoException {
        Fid f = ordinary(m.fid());
        HostTree.checkDirectory(f);
        if (f.openFd < 0) {
            throw Errno.EBADF.exception();
        }
        int room = room(m.count());
        return new RMessage.Readdir(directories.read(f, m.offset(), room, false, false));
    }

    private RMessage readdirAttr(TMessage.ReaddirAttr m) throws ErrnoException {
        Fid f = ordinary(m.fid());
        HostTree.checkDirectory(f);
        boolean attributes = (m.flags() & P9.READDIR_ATTRIBUTES) != 0;
        if (f.openFd < 0 && !f.sealed) {
            f.openFd = tree.open(f, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY);
            f.autoOpened = true;
        }
        P9DirectoryEntry[] list =
                directories.read(f, m.offset(), room(m.count()), true, attributes);
        boolean end = directories.ended();
        if (end && f.autoOpened) {
            HostFiles.close(f.openFd); // read to its end: most directories are read once
            f.openFd = -1;
            f.autoOpened = false;
            f.directoryOffset = 0;
        }
        return new RMessage.ReaddirAttr(list, end);
    }

    private int room(int count) throws ErrnoException {
        if (count < 0) {
            throw Errno.EINVAL.exception();
        }
        return Math.min(count, messageSize - READDIR_OVERHEAD);
    }

    private RMessage readlink(TMessage.Readlink m) throws ErrnoException {
        Fid f = ordinary(m.fid());
        if (f.type != dev.jvisor.platform.abi.StatMode.S_IFLNK) {
            throw Errno.EINVAL.exception();
        }
        return new RMessage.Readlink(P9.TREADLINK + 1, HostFiles.readlinkat(f.fd, ""));
    }

    private RMessage readlinkat(TMessage.Readlinkat m) throws ErrnoException {
        String target = tree.readlink(ordinary(m.fid()), m.name());
        return new RMessage.Readlink(P9.TREADLINKAT + 1, target);
    }

    private RMessage statfs(TMessage.Statfs m) throws ErrnoException {
        HostFiles.FsStat s = new HostFiles.FsStat();
        HostFiles.fstatfs(ordinary(m.fid()).fd, s);
        return new RMessage.Statfs(
                (int) s.type,
                (int) s.blockSize,
                s.blocks,
                s.blocksFree,
                s.blocksAvailable,
                s.files,
                s.filesFree,
                s.id,
                (int) s.nameLength);
    }

    /** Number of fids in use, for tests. */
    synchronized int fidCount() {
        return fids.size();
    }
}
