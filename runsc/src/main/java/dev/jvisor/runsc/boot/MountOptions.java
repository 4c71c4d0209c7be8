// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.platform.abi.MountFlags;

import java.util.List;

/** Mount options by name (mount(8)) to flags; what is no flag is the file system's own data. */
final class MountOptions {

    private MountOptions() {}

    /** Returns the {@code MS_*} bits of a list of options. */
    static int flags(List<String> options) {
        int flags = 0;
        for (int i = 0; i < options.size(); i++) {
            flags |= flag(options.get(i));
        }
        return flags;
    }

    /** Returns the options that are for the file system, joined by commas. */
    static String data(List<String> options) {
        StringBuilder data = new StringBuilder();
        for (int i = 0; i < options.size(); i++) {
            String option = options.get(i);
            if (option.indexOf('=') > 0) {
                data.append(data.isEmpty() ? "" : ",").append(option);
            }
        }
        return data.toString();
    }

    private static int flag(String option) {
        return switch (option) {
            case "ro" -> MountFlags.MS_RDONLY;
            case "nosuid" -> MountFlags.MS_NOSUID;
            case "nodev" -> MountFlags.MS_NODEV;
            case "noexec" -> MountFlags.MS_NOEXEC;
            case "noatime" -> MountFlags.MS_NOATIME;
            case "nodiratime" -> MountFlags.MS_NODIRATIME;
            case "relatime" -> MountFlags.MS_RELATIME;
            case "strictatime" -> MountFlags.MS_STRICTATIME;
            case "sync" -> MountFlags.MS_SYNCHRONOUS;
            default -> 0;
        };
    }
}
