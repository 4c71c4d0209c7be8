// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.discovery.SyscallDescriptor;

import org.junit.jupiter.api.Test;

import java.util.List;

final class SyscallHelpTests {

    private static final List<SyscallDescriptor> CALLS = List.of(
            new SyscallDescriptor(0, "read", Support.FULL, "", "a.B", "read", false, List.of()),
            new SyscallDescriptor(
                    1,
                    "write",
                    Support.PARTIAL,
                    "no \"ink\", no paper",
                    "a.B",
                    "write",
                    false,
                    List.of()));

    private final List<SyscallHelp.Row> rows = SyscallHelp.rows(CALLS);

    @Test
    void rowsHaveEveryCallOfLinux() {
        assertThat(rows).hasSize(381);
        assertThat(rows.get(0)).isEqualTo(new SyscallHelp.Row(0, "read", "full", "", "B#read"));
        assertThat(rows.get(2)).isEqualTo(new SyscallHelp.Row(2, "open", "absent", "", ""));
    }

    @Test
    void textListsServedCallsThenNamesTheOthers() {
        assertThat(SyscallHelp.render(rows, "text").lines())
                .startsWith(
                        "  0  read",
                        "  1  write                   partial: no \"ink\", no paper",
                        "",
                        "1 in full, 1 in part, 379 not served (ENOSYS):")
                .allMatch(line -> line.length() <= 80);
    }

    @Test
    void jsonEscapes() {
        assertThat(SyscallHelp.render(rows, "json"))
                .startsWith("[\n  {\"number\": 0, \"name\": \"read\", \"support\": \"full\", ")
                .contains("\"note\": \"no \\\"ink\\\", no paper\"")
                .endsWith("}\n]\n");
    }

    @Test
    void csvQuotes() {
        assertThat(SyscallHelp.render(rows, "csv"))
                .startsWith("number,name,support,note,handler\r\n0,read,full,,B#read\r\n")
                .contains("1,write,partial,\"no \"\"ink\"\", no paper\",B#write\r\n");
    }

    @Test
    void otherFormatsAreRefused() {
        assertThatThrownBy(() -> SyscallHelp.render(rows, "xml"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
