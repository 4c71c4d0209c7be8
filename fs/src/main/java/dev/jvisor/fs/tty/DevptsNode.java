// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/** ptmx or a slave in devpts; owner and mode can be changed. */
final class DevptsNode extends Inode {

    private static final int BLOCK_BYTES = 1024;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** Reads and writes show in the times only so often, so that nobody measures keystrokes. */
    private static final long TOUCH_SECONDS = 8;

    private final Devpts filesystem;
    private final long number;
    private final long device;
    private volatile @Nullable Pty terminal;
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;
    private volatile boolean removed;

    // Guarded by this.
    private long accessNanos;
    private long modifyNanos;
    private long changeNanos;

    DevptsNode(
            Devpts filesystem,
            long number,
            int mode,
            int uid,
            int gid,
            long device,
            long nowNanos) {
        this.filesystem = filesystem;
        this.number = number;
        this.mode = mode;
        this.uid = uid;
        this.gid = gid;
        this.device = device;
        this.accessNanos = nowNanos;
        this.modifyNanos = nowNanos;
        this.changeNanos = nowNanos;
    }

    /** The terminal that this is the slave of, or null for ptmx. */
    @Nullable
    Pty terminal() {
        return terminal;
    }

    void setTerminal(Pty pty) {
        terminal = pty;
    }

    void setRemoved() {
        removed = true;
    }

    void setMode(int bits) {
        mode = StatMode.S_IFCHR | bits;
    }

    /** It was written to, or read. */
    void touch(CallContext context, boolean written) {
        long now = context.realtimeNanos();
        long second = Math.floorDiv(now, NANOS_PER_SECOND);
        synchronized (this) {
            long last = Math.floorDiv(written ? modifyNanos : accessNanos, NANOS_PER_SECOND);
            if (second / TOUCH_SECONDS == last / TOUCH_SECONDS) {
                return;
            }
            if (written) {
                modifyNanos = second * NANOS_PER_SECOND;
            } else {
                accessNanos = second * NANOS_PER_SECOND;
            }
        }
    }

    @Override
    public int mode() {
        return mode;
    }

    @Override
    public int uid() {
        return uid;
    }

    @Override
    public int gid() {
        return gid;
    }

    @Override
    public long rdevice() {
        return device;
    }

    @Override
    public void getAttributes(CallContext context, FileStatus r) {
        r.device = filesystem.deviceId();
        r.inode = number;
        r.mode = mode;
        r.links = removed ? 0 : 1;
        r.uid = uid;
        r.gid = gid;
        r.rdevice = device;
        r.size = 0;
        r.blockSize = BLOCK_BYTES;
        r.blocks = 0;
        r.hasBirth = false;
        synchronized (this) {
            r.accessSeconds = Math.floorDiv(accessNanos, NANOS_PER_SECOND);
            r.accessNanos = (int) Math.floorMod(accessNanos, NANOS_PER_SECOND);
            r.modifySeconds = Math.floorDiv(modifyNanos, NANOS_PER_SECOND);
            r.modifyNanos = (int) Math.floorMod(modifyNanos, NANOS_PER_SECOND);
            r.changeSeconds = Math.floorDiv(changeNanos, NANOS_PER_SECOND);
            r.changeNanos = (int) Math.floorMod(changeNanos, NANOS_PER_SECOND);
        }
    }

    @Override
    public void setAttributes(CallContext context, Changes c) {
        if (c.setMode) {
            setMode(c.mode & 07777);
        }
        uid = c.setUid ? c.uid : uid;
        gid = c.setGid ? c.gid : gid;
        synchronized (this) {
            if (c.setAccess) {
                accessNanos = c.accessSeconds * NANOS_PER_SECOND + c.accessNanos;
            }
            if (c.setModify) {
                modifyNanos = c.modifySeconds * NANOS_PER_SECOND + c.modifyNanos;
            }
            changeNanos = context.realtimeNanos();
        }
    }

    @Override
    public boolean opensItself() {
        return true;
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        return filesystem.open(context, this, path, flags);
    }

    @Override
    public Filesystem filesystem() {
        return filesystem;
    }
}
