// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.ErrnoException;

/** A kind of file system that mount(2) can make; higher modules register theirs (procfs, sysfs). */
public interface FilesystemType {

    String name();

    /** Whether /proc/filesystems marks it nodev. */
    default boolean noDevice() {
        return true;
    }

    /**
     * Whether the root of a user namespace may mount it (Linux: {@code FS_USERNS_MOUNT}): what it
     * shows is no more than its mounter has.
     */
    default boolean allowsUserNamespaces() {
        return false;
    }

    /** The user namespace that rules what is shown, and so who may mount it. */
    default UserNamespace ruler(CallContext context) {
        return context.credentials().userNamespace();
    }

    /**
     * Whether a user namespace may mount it only where one is mounted already, all of it to be seen
     * (Linux: {@code SB_I_USERNS_VISIBLE}).
     */
    default boolean needsVisibleOne() {
        return false;
    }

    /**
     * Makes an instance.
     *
     * @param source first argument of mount(2)
     * @param data option string
     * @throws ErrnoException EINVAL for options it does not know
     */
    Filesystem mount(CallContext context, String source, int flags, String data)
            throws ErrnoException;
}
