// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.fs.anon.AnonInodes;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;

import org.jspecify.annotations.Nullable;

/**
 * A file system that is being configured (Linux: {@code struct fs_context}, fsopen(2) and
 * fspick(2)). What it is told is kept and looked at when the instance is made or changed.
 */
public final class MountContextFile extends FileDescription {

    private enum Phase {
        PARAMETERS,
        AWAITING_MOUNT,
        MOUNTED,
        FAILED
    }

    /** Bytes of options. */
    private static final int DATA_MAX = 4096;

    private final @Nullable FilesystemType type;
    private final @Nullable Mount picked;

    // Guarded by this.
    private final StringBuilder data = new StringBuilder();
    private @Nullable String source;
    private Phase phase = Phase.PARAMETERS;
    private @Nullable Filesystem made;

    private MountContextFile(@Nullable FilesystemType type, @Nullable Mount picked) {
        super(AnonInodes.place("[fscontext]"), Fcntl.O_RDWR);
        this.type = type;
        this.picked = picked;
    }

    /** fsopen(2). EPERM, ENODEV. */
    public static MountContextFile open(CallContext context, String typeName)
            throws ErrnoException {
        MountOperations.checkMayMount(context);
        FilesystemType type = context.fs().mounts().registry().type(typeName);
        if (type == null) {
            throw Errno.ENODEV.exception();
        }
        return new MountContextFile(type, null);
    }

    /** fspick(2): to change the file system of a mount. EPERM, EINVAL. */
    public static MountContextFile pick(CallContext context, VfsPath place) throws ErrnoException {
        MountOperations.checkMayMount(context);
        if (place.dentry() != place.mount().root()) {
            throw Errno.EINVAL.exception();
        }
        return new MountContextFile(null, place.mount());
    }

    @Override
    public Inode inode() {
        return AnonInodes.inode();
    }

    /** There are no messages. */
    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        throw Errno.ENODATA.exception();
    }

    /**
     * Takes an option; without a value for a flag. EBUSY when it is too late, EINVAL for what no
     * option can be.
     */
    public synchronized void set(String key, @Nullable String value) throws ErrnoException {
        if (phase != Phase.PARAMETERS) {
            throw Errno.EBUSY.exception();
        }
        if (key.isEmpty() || key.indexOf(',') >= 0 || key.indexOf('=') >= 0) {
            throw Errno.EINVAL.exception();
        }
        if (key.equals("source")) {
            if (value == null || source != null) {
                throw Errno.EINVAL.exception();
            }
            source = value;
            return;
        }
        if (value != null && value.indexOf(',') >= 0
                || data.length() + key.length() + 2 > DATA_MAX
                || value != null && data.length() + key.length() + value.length() + 2 > DATA_MAX) {
            throw Errno.EINVAL.exception();
        }
        data.append(data.length() == 0 ? "" : ",").append(key);
        if (value != null) {
            data.append('=').append(value);
        }
    }

    /** FSCONFIG_CMD_CREATE. EBUSY, EPERM, EINVAL for the options. */
    public synchronized void create(CallContext context) throws ErrnoException {
        FilesystemType kind = type;
        if (kind == null || phase != Phase.PARAMETERS) {
            throw Errno.EBUSY.exception();
        }
        phase = Phase.FAILED;
        String name = source;
        made = MountOperations.create(
                context, kind, name == null ? "none" : name, 0, data.toString());
        phase = Phase.AWAITING_MOUNT;
    }

    /** FSCONFIG_CMD_RECONFIGURE. EBUSY, EPERM, EINVAL for the options. */
    public synchronized void reconfigure(CallContext context) throws ErrnoException {
        Mount mount = picked;
        if (mount == null || phase != Phase.PARAMETERS) {
            throw Errno.EBUSY.exception();
        }
        Filesystem filesystem = mount.filesystem();
        MountOperations.checkRuler(context, filesystem);
        int before = filesystem.isReadOnlyMounted() ? MountFlags.MS_RDONLY : 0;
        MountData parsed = new MountData(before, data.toString());
        phase = Phase.FAILED;
        filesystem.remount(context, parsed.flags(), parsed.rest());
        filesystem.setReadOnlyMounted((parsed.flags() & MountFlags.MS_RDONLY) != 0);
        data.setLength(0);
        phase = Phase.PARAMETERS;
    }

    /** fsmount(2): the instance as a mount that is nowhere yet. EINVAL, EPERM, EBUSY, ENOSPC. */
    public synchronized FileDescription mount(CallContext context, int flags)
            throws ErrnoException {
        Filesystem filesystem = made;
        FilesystemType kind = type;
        if (filesystem == null || kind == null) {
            throw Errno.EINVAL.exception();
        }
        if (phase != Phase.AWAITING_MOUNT) {
            throw Errno.EBUSY.exception();
        }
        String name = source;
        Mount mount = MountOperations.mountOf(
                context, kind, filesystem, flags, name == null ? "none" : name);
        phase = Phase.MOUNTED;
        return new MountTreeFile(mount);
    }

    @Override
    protected synchronized void onRelease() {
        Filesystem filesystem = made;
        if (filesystem != null && phase != Phase.MOUNTED) {
            filesystem.release();
        }
    }
}
