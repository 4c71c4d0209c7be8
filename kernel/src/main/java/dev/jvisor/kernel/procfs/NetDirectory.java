// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.StaticDirectory;
import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.kernel.task.Task;

import org.jspecify.annotations.Nullable;

/** {@code /proc/PID/net}. */
final class NetDirectory extends StaticDirectory {

    private static final String[] NAMES = {
        "arp",
        "dev",
        "dev_mcast",
        "if_inet6",
        "igmp",
        "igmp6",
        "ipv6_route",
        "netlink",
        "netstat",
        "packet",
        "protocols",
        "psched",
        "ptype",
        "raw",
        "raw6",
        "route",
        "snmp",
        "snmp6",
        "sockstat",
        "sockstat6",
        "softnet_stat",
        "tcp",
        "tcp6",
        "udp",
        "udp6",
        "udplite",
        "udplite6",
        "unix",
    };

    private final ProcessDirectory process;
    private final ProcessEntry entry;

    NetDirectory(ProcessDirectory process, ProcessEntry entry) {
        super(process.procfs(), process.numberOf(entry.index(), 0), process.number());
        this.process = process;
        this.entry = entry;
    }

    @Override
    protected Owner owner() {
        return process;
    }

    @Override
    protected void populate(Entries entries) {
        for (int i = 0; i < NAMES.length; i++) {
            long number = process.numberOf(entry.index(), i + 1);
            entries.add(NAMES[i], new NetFile(process, NAMES[i], number));
        }
    }

    /** One of the tables. */
    private static final class NetFile extends TextFile {
        private final ProcessDirectory process;
        private final String name;

        NetFile(ProcessDirectory process, String name, long number) {
            super(process.procfs(), number, READ_ONLY);
            this.process = process;
            this.name = name;
        }

        @Override
        protected long stampNanos() {
            return process.stampNanos();
        }

        @Override
        protected void generate(CallContext context, @Nullable Object subject, TextBuffer out) {
            Task task = process.taskOrNull();
            boolean written = task != null
                    && (NetTables.write(task.net(), name, out) || task.net().writeTable(name, out));
            if (!written) {
                NetTexts texts = process.procfs().netTexts();
                if (texts.write(name, out)) {
                    return;
                }
                NetTexts.HEADERS.write(name, out);
            }
        }
    }
}
