package dev.infuser.converter.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OnnxTensorsTest {

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeReadsWhatWasWritten(DType dtype) {
        Tensor tensor = dtype == DType.STRING ? Tensor.strings(new int[] {3}, "a", "", "ü")
                : Tensor.ofDoubles(dtype, new int[] {3}, new double[] {1, 0, dtype.isSigned() ? -1 : 1});
        assertTrue(tensor.sameAs(OnnxTensors.readTensor(OnnxTensors.write("t", tensor))));
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"FLOAT32", "FLOAT64", "STRING"}, mode = EnumSource.Mode.EXCLUDE)
    void typedFieldsHoldEveryIntegerAndSmallFloat(DType dtype) {
        int field = dtype == DType.INT64 ? 7 : dtype == DType.UINT64 || dtype == DType.UINT32 ? 11 : 5;
        OnnxWriter writer = new OnnxWriter().number(1, 2).number(2, dtype.number());
        if (dtype.bits() == 4) {
            writer.number(field, 0x21);
        } else if (dtype.bits() == 2) {
            writer.number(field, 0b1001);
        } else {
            writer.number(field, 1).number(field, dtype == DType.BOOL ? 1 : 2);
        }
        Tensor tensor = OnnxTensors.readTensor(writer.toBytes());
        Object array = tensor.array();
        long second = array instanceof long[] l ? l[1] : array instanceof int[] n ? n[1]
                : array instanceof short[] s ? s[1] : ((byte[]) array)[1];
        assertEquals(dtype == DType.BOOL ? 1 : dtype == DType.INT2 ? -2 : 2, second);
    }

    @Test
    void fourBitIntegersKeepTheirSign() {
        byte[] bytes = new OnnxWriter().number(1, 3).number(2, DType.INT4.number()).bytes(9, new byte[] {(byte) 0x8F, 0x07})
                .toBytes();
        assertArrayEquals(new byte[] {-1, -8, 7}, OnnxTensors.readTensor(bytes).bytes());
    }

    @Test
    void sequencesAndOptionalsReadWhatWasWritten() {
        Tensor a = Tensor.floats(new int[] {2}, 1, 2);
        Datum.Sequence sequence = new Datum.Sequence(List.of(a, a));
        var readSequence = OnnxTensors.readSequence(OnnxTensors.write("s", sequence));
        assertEquals(2, readSequence.elements().size());
        assertTrue(a.sameAs((Tensor) readSequence.elements().get(1)));
        var optional = OnnxTensors.readOptional(OnnxTensors.write("o", new Datum.Optional(sequence)));
        assertEquals(2, ((Datum.Sequence) optional.value()).elements().size());
        assertEquals(Datum.Optional.ABSENT, OnnxTensors.readOptional(OnnxTensors.write("o", Datum.Optional.ABSENT)));
    }

    @Test
    void sparseInitializersBecomeDense() {
        byte[] model = OnnxWriter.model(13, new OnnxWriter().message(11, OnnxWriter.value("x", DType.FLOAT32, 4))
                .message(12, OnnxWriter.value("y", DType.FLOAT32, 4))
                .message(15, new OnnxWriter().message(1, OnnxWriter.initializer("w", Tensor.floats(new int[] {2}, 5, 7)))
                        .message(2, OnnxWriter.initializer("", Tensor.vector(1, 3))).number(3, 4))
                .message(1, OnnxWriter.node("Add", "x w", "y")));
        assertArrayEquals(new float[] {0, 5, 0, 7}, OnnxReader.read(model).graph().initializers().get("w").floats());
    }

    @Test
    void tooFewElementsAreRefused() {
        byte[] bytes = new OnnxWriter().number(1, 3).number(2, DType.INT64.number()).number(7, 1).toBytes();
        var e = assertThrows(InvalidModelException.class, () -> OnnxTensors.readTensor(bytes));
        assertTrue(e.getMessage().contains("needs 3 entries, found 1"), e.getMessage());
    }
}
