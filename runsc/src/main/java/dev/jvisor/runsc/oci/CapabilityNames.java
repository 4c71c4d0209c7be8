// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.oci;

import dev.jvisor.runsc.cli.RunscException;

/** Capability names of config.json (capabilities(7)) to sets of bits. */
final class CapabilityNames {

    private CapabilityNames() {}

    /** Names by number, without CAP_. */
    private static final String[] NAMES = {
        "CHOWN",
        "DAC_OVERRIDE",
        "DAC_READ_SEARCH",
        "FOWNER",
        "FSETID",
        "KILL",
        "SETGID",
        "SETUID",
        "SETPCAP",
        "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "NET_ADMIN",
        "NET_RAW",
        "IPC_LOCK",
        "IPC_OWNER",
        "SYS_MODULE",
        "SYS_RAWIO",
        "SYS_CHROOT",
        "SYS_PTRACE",
        "SYS_PACCT",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_NICE",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "MKNOD",
        "LEASE",
        "AUDIT_WRITE",
        "AUDIT_CONTROL",
        "SETFCAP",
        "MAC_OVERRIDE",
        "MAC_ADMIN",
        "SYSLOG",
        "WAKE_ALARM",
        "BLOCK_SUSPEND",
        "AUDIT_READ",
        "PERFMON",
        "BPF",
        "CHECKPOINT_RESTORE"
    };

    /** Reads the array of names called {@code set}. */
    static long parse(JsonReader capabilities, String set) throws RunscException {
        long bits = 0;
        for (String name : capabilities.strings(set)) {
            int number = number(name);
            if (number < 0) {
                throw capabilities.invalid(set, "'" + name + "' is no capability");
            }
            bits |= 1L << number;
        }
        return bits;
    }

    private static int number(String name) {
        for (int i = 0; i < NAMES.length; i++) {
            if (name.startsWith("CAP_") && name.substring(4).equals(NAMES[i])) {
                return i;
            }
        }
        return -1;
    }
}
