// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.ErrnoException;

/** A kind of file system that mount(2) can make; higher modules register theirs (procfs, sysfs). */
public interface FilesystemType {

    String name();

    /** Whether /proc/filesystems marks it nodev. */
    default boolean noDevice() {
        return true;
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
