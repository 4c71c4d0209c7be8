// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.net.inet.ip.IpAddress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.HashSet;
import java.util.Set;

/** Who may share a port. The expectations are Linux's answers. */
final class PortTableTests {

    private static final int PORT = 5000;

    private record User(
            IpAddress boundAddress,
            boolean reusesAddress,
            boolean reusesPort,
            boolean isListening,
            boolean isV6Only,
            int userId)
            implements PortUser {
        @Override
        public int boundInterface() {
            return 0;
        }

        @Override
        public boolean isConnectOnly() {
            return false;
        }
    }

    private static IpAddress address(String name) {
        return switch (name) {
            case "any4" -> IpAddress.ANY4;
            case "any6" -> IpAddress.ANY6;
            case "lo4" -> IpAddress.LOOPBACK4;
            case "lo6" -> IpAddress.LOOPBACK6;
            default -> IpAddress.v4(0x7f000002);
        };
    }

    /** Flags: a SO_REUSEADDR, p SO_REUSEPORT, l listening, 6 IPV6_V6ONLY, u another user. */
    private static User user(String address, String flags) {
        return new User(
                address(address),
                flags.contains("a"),
                flags.contains("p"),
                flags.contains("l"),
                flags.contains("6"),
                flags.contains("u") ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({
        "lo4, -, lo4, -, false, false",
        "lo4, -, lo42, -, true, true",
        "any4, -, lo4, -, false, false",
        "lo4, a, lo4, a, true, true",
        "lo4, al, lo4, a, false, true",
        "lo4, a, lo4, -, false, false",
        "lo4, p, lo4, p, true, true",
        "lo4, p, lo4, pu, false, false",
        "lo4, pl, lo4, p, true, true",
        "any6, -, lo4, -, false, false",
        "any6, 6, lo4, -, true, true",
        "lo6, -, any4, -, true, true",
        "any4, -, any6, 6, true, true",
        "any4, -, any6, -, false, false",
    })
    void sharesAPort(
            String first,
            String firstFlags,
            String second,
            String secondFlags,
            boolean stream,
            boolean datagram) {
        for (boolean isStream : new boolean[] {true, false}) {
            PortTable ports = new PortTable(new Settings(), isStream);
            User a = user(first, firstFlags);
            assertThat(ports.bind(a, PORT)).isEqualTo(PORT);
            int got = ports.bind(user(second, secondFlags), PORT);
            assertThat(got != 0).isEqualTo(isStream ? stream : datagram);
            ports.release(a, PORT);
            if (got == 0) {
                assertThat(ports.bind(user(second, "-"), PORT)).isEqualTo(PORT);
            }
        }
    }

    @Test
    void givesAllPortsOfTheRangeOnce() {
        Settings settings = new Settings();
        settings.portFirst = 40_000;
        settings.portLast = 40_100;
        for (boolean isStream : new boolean[] {true, false}) {
            PortTable ports = new PortTable(settings, isStream);
            Set<Integer> seen = new HashSet<>();
            for (int i = 0; i <= 100; i++) {
                int port = ports.bind(user("lo4", "-"), 0);
                assertThat(port).isBetween(40_000, 40_100);
                assertThat(seen.add(port)).isTrue();
            }
            assertThat(ports.bind(user("any4", "-"), 0)).isZero();
        }
    }
}
