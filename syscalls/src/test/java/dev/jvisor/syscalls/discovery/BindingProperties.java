// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.kernel.dispatch.SyscallHandler;
import dev.jvisor.kernel.dispatch.SyscallTable;
import dev.jvisor.platform.abi.ErrnoException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

import java.util.List;

/** What generated code makes of the dispatcher's six words, against a model. */
final class BindingProperties {

    private static final SyscallTable TABLE = new SyscallTable();
    private static final List<SyscallDescriptor> PROBES;

    static {
        Discovery found = SyscallScanner.scanClasses(ProbeSyscalls.class);
        assertThat(found.issues()).isEmpty();
        PROBES = found.descriptors();
        RuntimeBinder.bind(ProbeSyscalls.class.getClassLoader(), PROBES, TABLE);
    }

    private static SyscallHandler handler(int number) {
        SyscallHandler handler = TABLE.get(number);
        assertThat(handler).isNotNull();
        return handler;
    }

    private static long invoke(SyscallHandler h, List<Long> a) throws ErrnoException {
        return h.invoke(null, a.get(0), a.get(1), a.get(2), a.get(3), a.get(4), a.get(5));
    }

    @Property(tries = 300)
    void everyParameterGetsItsWordInItsWidth(@ForAll @Size(6) List<Long> words)
            throws ErrnoException {
        for (SyscallDescriptor call : PROBES) {
            if (call.methodName().equals("error")) {
                continue;
            }
            long[] expected = new long[call.parameters().size()];
            for (int i = 0; i < expected.length; i++) {
                long word = words.get(i);
                expected[i] = call.parameters().get(i).isInt() ? (int) word : word;
            }
            long result = invoke(handler(call.number()), words);
            assertThat(ProbeSyscalls.called).isEqualTo(call.methodName());
            assertThat(ProbeSyscalls.seen).containsExactly(expected);
            assertThat(result).isEqualTo(expected.length == 0 ? 42 : expected[0]);
        }
    }

    @Property(tries = 1)
    void numberAndNameAreTheAnnotations() {
        for (SyscallDescriptor call : PROBES) {
            assertThat(handler(call.number()).number()).isEqualTo(call.number());
            assertThat(handler(call.number()).name()).isEqualTo(call.name());
        }
    }

    @Property(tries = 1)
    void errorsPassThrough() {
        SyscallHandler handler = handler(495);
        assertThatThrownBy(() -> handler.invoke(null, 0, 0, 0, 0, 0, 0))
                .isInstanceOf(ErrnoException.class)
                .hasMessage("ENOTTY");
    }

    @Property(tries = 1)
    void indexSurvivesItsText() {
        assertThat(SyscallIndex.parse(SyscallIndex.format(PROBES))).isEqualTo(PROBES);
    }
}
