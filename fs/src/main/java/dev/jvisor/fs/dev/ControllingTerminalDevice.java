// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.dev;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.vfs.VfsRegistry;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** /dev/tty: the terminal of the caller's session. */
public final class ControllingTerminalDevice implements VfsRegistry.Device {

    @Override
    public FileDescription open(CallContext context, Inode inode, VfsPath path, int flags)
            throws ErrnoException {
        Object terminal = context.session().controllingTerminal();
        if (terminal instanceof Openable openable) {
            return openable.open(context, inode, path, flags);
        }
        throw Errno.ENXIO.exception();
    }

    /** A terminal that can be opened through /dev/tty. */
    public interface Openable extends VfsRegistry.Device {

        /** Its device number as stat(2) encodes it, 0 if it has none (procfs). */
        default long deviceNumber() {
            return 0;
        }

        /** The process group in the foreground (a type of the kernel), or null. */
        default @Nullable Object foregroundProcessGroup() {
            return null;
        }
    }
}
