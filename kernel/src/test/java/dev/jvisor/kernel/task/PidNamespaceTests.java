// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.junit.jupiter.api.Test;

final class PidNamespaceTests {

    private final PidNamespace table = new PidNamespace();

    @Test
    void numbersAscendFromOneAndAreNotUsedAnewSoon() throws ErrnoException {
        Pid first = table.allocate();
        assertThat(first.number()).isEqualTo(1);
        Pid second = table.allocate();
        PidNamespace.releaseIfUnused(second);
        assertThat(table.find(2)).isNull();
        assertThat(table.allocate().number()).isEqualTo(3);
        assertThat(table.count()).isEqualTo(2);
    }

    @Test
    void afterTheHighestNumberTheyGoOnBehindTheReservedOnes() throws ErrnoException {
        Pid kept = null;
        for (int i = 1; i < PidNamespace.PID_MAX; i++) {
            Pid pid = table.allocate();
            assertThat(pid.number()).isEqualTo(i);
            if (i == PidNamespace.RESERVED_PIDS) {
                kept = pid;
            } else {
                PidNamespace.releaseIfUnused(pid);
            }
        }
        assertThat(kept).isNotNull();
        assertThat(table.allocate().number()).isEqualTo(PidNamespace.RESERVED_PIDS + 1);
    }

    @Test
    void aFullTableIsEagain() throws ErrnoException {
        for (int i = 1; i < PidNamespace.PID_MAX; i++) {
            table.allocate();
        }
        assertThatThrownBy(table::allocate).isSameAs(Errno.EAGAIN.exception());
        PidNamespace.releaseIfUnused(table.find(1000));
        assertThat(table.allocate().number()).isEqualTo(1000);
    }

    @Test
    void aNumberThatNamesSomethingIsKept() throws ErrnoException {
        Pid pid = table.allocate();
        pid.session = new SessionGroup(pid, null);
        PidNamespace.releaseIfUnused(pid);
        assertThat(table.find(1)).isSameAs(pid);
        pid.session = null;
        PidNamespace.releaseIfUnused(pid);
        assertThat(table.find(1)).isNull();
    }

    @Test
    void oddNumbersNameNothing() {
        assertThat(table.find(0)).isNull();
        assertThat(table.find(-1)).isNull();
        assertThat(table.find(Integer.MIN_VALUE)).isNull();
        assertThat(table.find(PidNamespace.PID_MAX)).isNull();
        assertThat(table.find(Integer.MAX_VALUE)).isNull();
    }
}
