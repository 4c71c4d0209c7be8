// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.inotify.InotifyLimits;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** What some values below {@code /proc/sys} change when they are written. */
final class SysctlEffects {

    private SysctlEffects() {}

    /** Takes a value, checked for its form; EINVAL if it is out of range. */
    static void apply(Kernel kernel, String path, String value) throws ErrnoException {
        if (path.startsWith("fs/inotify/")) {
            InotifyLimits limits = kernel.inotifyLimits();
            int count = count(value);
            switch (path) {
                case "fs/inotify/max_queued_events" -> limits.setMaxQueuedEvents(count);
                case "fs/inotify/max_user_instances" -> limits.setMaxUserInstances(count);
                default -> limits.setMaxUserWatches(count);
            }
        }
    }

    private static int count(String value) throws ErrnoException {
        long n = Numbers.parse(value);
        if (n < 0 || n > Integer.MAX_VALUE) {
            throw Errno.EINVAL.exception();
        }
        return (int) n;
    }
}
