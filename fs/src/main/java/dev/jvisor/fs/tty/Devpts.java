// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.fs.kernfs.DirectoryLister;
import dev.jvisor.fs.kernfs.KernfsDirectory;
import dev.jvisor.fs.kernfs.KernfsFilesystem;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FilesystemType;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.TreeMap;

/**
 * An instance of devpts: a ptmx that makes pseudo-terminals, and their slaves, which come and go by
 * themselves (Linux: fs/devpts/inode.c). Every mount is an instance of its own.
 */
public final class Devpts extends KernfsFilesystem {

    private static final int DEVPTS_SUPER_MAGIC = 0x1cd1;
    private static final int BLOCK_BYTES = 1024;
    private static final int PTMX_NUMBER = 2;
    private static final int FIRST_SLAVE_NUMBER = 3;
    private static final int TTYAUX_MAJOR = 5;
    private static final int PTMX_MINOR = 2;

    private final Root root = new Root();
    private final DevptsNode ptmx;
    private volatile DevptsOptions options;

    /** Those whose master is open, by number; guarded by this. */
    private final TreeMap<Integer, Pty> terminals = new TreeMap<>();

    private Devpts(CallContext context, DevptsOptions options) {
        super(DEVPTS_SUPER_MAGIC, BLOCK_BYTES, context.realtimeNanos());
        this.options = options;
        this.ptmx = new DevptsNode(
                this,
                PTMX_NUMBER,
                StatMode.S_IFCHR | options.ptmxMode(),
                0,
                0,
                DeviceNumber.make(TTYAUX_MAJOR, PTMX_MINOR),
                context.realtimeNanos());
    }

    /** Makes an instance; {@code data} as mount(2) has it. */
    public static Devpts create(CallContext context, String data) throws ErrnoException {
        return new Devpts(context, DevptsOptions.parse(data, DevptsOptions.DEFAULT));
    }

    /** The type for mount(2). */
    public static FilesystemType fileSystemType() {
        return new FilesystemType() {
            @Override
            public String name() {
                return "devpts";
            }

            @Override
            public Devpts mount(CallContext context, String source, int flags, String data)
                    throws ErrnoException {
                return create(context, data);
            }
        };
    }

    @Override
    public String type() {
        return "devpts";
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public String options() {
        return options.render();
    }

    @Override
    public void remount(CallContext context, int flags, String data) throws ErrnoException {
        DevptsOptions changed = DevptsOptions.parse(data, options);
        options = changed;
        ptmx.setMode(changed.ptmxMode());
    }

    /**
     * Makes a pseudo-terminal, as an open of ptmx does.
     *
     * @param inode what was opened
     * @param directory the root of this instance
     * @throws ErrnoException ENOSPC if there are too many
     */
    PtyMaster open(CallContext context, Inode inode, VfsPath path, int flags, VfsPath directory)
            throws ErrnoException {
        DevptsOptions o = options;
        if (!PtyCount.take()) {
            throw Errno.ENOSPC.exception();
        }
        synchronized (this) {
            int index = 0;
            while (terminals.containsKey(index)) {
                index++;
            }
            if (index >= o.max()) {
                PtyCount.giveBack();
                throw Errno.ENOSPC.exception();
            }
            DevptsNode node = new DevptsNode(
                    this,
                    FIRST_SLAVE_NUMBER + index,
                    StatMode.S_IFCHR | o.mode(),
                    o.uid() >= 0 ? o.uid() : context.credentials().fsuid(),
                    o.gid() >= 0 ? o.gid() : context.credentials().fsgid(),
                    Pty.slaveDevice(index),
                    context.realtimeNanos());
            Pty pty = new Pty(this, index, node);
            node.setTerminal(pty);
            terminals.put(index, pty);
            return new PtyMaster(pty, inode, path, flags, directory);
        }
    }

    /** The master is closed: the slave's name goes. */
    void remove(Pty pty) {
        synchronized (this) {
            terminals.remove(pty.index());
        }
        pty.node().setRemoved();
        forgetRootEntry(Integer.toString(pty.index()));
        PtyCount.giveBack();
    }

    private synchronized @Nullable Pty terminal(int index) {
        return terminals.get(index);
    }

    private final class Root extends KernfsDirectory {

        private static final String PTMX = "ptmx";
        private static final int DIGITS_MAX = 7;

        /** Positions: ptmx, then slaves by number. */
        private static final long PTMX_POSITION = 2;

        Root() {
            super(Devpts.this, ROOT_NUMBER, StatMode.S_IFDIR | 0755, ROOT_NUMBER);
        }

        @Override
        public boolean revalidates() {
            return true;
        }

        @Override
        public @Nullable Inode lookup(CallContext context, String name) {
            if (name.equals(PTMX)) {
                return ptmx;
            }
            int index = 0;
            boolean valid =
                    name.length() <= DIGITS_MAX && (name.length() == 1 || name.charAt(0) != '0');
            for (int i = 0; i < name.length() && valid; i++) {
                int digit = name.charAt(i) - '0';
                valid = digit >= 0 && digit <= 9;
                index = index * 10 + digit;
            }
            Pty pty = valid ? terminal(index) : null;
            return pty == null ? null : pty.node();
        }

        @Override
        protected void list(CallContext context, long from, DirectoryLister lister) {
            if (from <= PTMX_POSITION
                    && !lister.add(PTMX, PTMX_NUMBER, Dirent.DT_CHR, PTMX_POSITION + 1)) {
                return;
            }
            int index = (int) Math.max(0, from - PTMX_POSITION - 1);
            for (; ; ) {
                Map.Entry<Integer, Pty> next;
                synchronized (Devpts.this) {
                    next = terminals.ceilingEntry(index);
                }
                if (next == null) {
                    return;
                }
                index = next.getKey();
                if (!lister.add(
                        Integer.toString(index),
                        FIRST_SLAVE_NUMBER + index,
                        Dirent.DT_CHR,
                        PTMX_POSITION + index + 2)) {
                    return;
                }
                index++;
            }
        }
    }

    /** Opens ptmx or a slave by its node. */
    FileDescription open(CallContext context, DevptsNode node, VfsPath path, int flags)
            throws ErrnoException {
        Pty pty = node.terminal();
        if (pty == null) {
            return open(context, node, path, flags, new VfsPath(path.mount(), rootDentry()));
        }
        boolean controls = (flags & dev.jvisor.platform.abi.Fcntl.O_NOCTTY) == 0;
        return pty.openSlave(context, node, path, flags, controls);
    }
}
