// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.MountFlags;

/**
 * The option string of mount(2), with those options taken out that mean the same for every file
 * system (Linux: vfs_parse_sb_flag).
 */
final class MountData {

    private int flags;
    private final StringBuilder rest = new StringBuilder();

    /**
     * Splits a string.
     *
     * @param flags {@code MS_*} that mount(2) was called with
     */
    MountData(int flags, String data) {
        this.flags = flags;
        int start = 0;
        while (start < data.length()) {
            int end = data.indexOf(',', start);
            if (end < 0) {
                end = data.length();
            }
            add(data.substring(start, end));
            start = end + 1;
        }
    }

    private void add(String option) {
        switch (option) {
            case "ro" -> flags |= MountFlags.MS_RDONLY;
            case "rw" -> flags &= ~MountFlags.MS_RDONLY;
            case "sync" -> flags |= MountFlags.MS_SYNCHRONOUS;
            case "async" -> flags &= ~MountFlags.MS_SYNCHRONOUS;
            case "dirsync", "lazytime", "nolazytime", "mand", "nomand", "" -> {}
            default -> {
                if (rest.length() > 0) {
                    rest.append(',');
                }
                rest.append(option);
            }
        }
    }

    int flags() {
        return flags;
    }

    /** The options of the file system itself. */
    String rest() {
        return rest.toString();
    }
}
