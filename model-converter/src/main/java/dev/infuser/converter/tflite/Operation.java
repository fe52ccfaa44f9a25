package dev.infuser.converter.tflite;

import com.google.flatbuffers.FlatBufferBuilder;
import com.google.flatbuffers.FlexBuffers;
import com.google.flatbuffers.Table;
import dev.infuser.tensor.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.Operator;
import org.tensorflow.lite.schema.OperatorCode;

/**
 * An operator of a subgraph.
 *
 * @param index   its place among the operators
 * @param code    its number, {@code BuiltinOperator.CUSTOM} where it is none of the schema's
 * @param kind    its name
 * @param inputs  tensors, -1 for one that is left out
 * @param outputs tensors
 * @param fields  the operator, for what the published classes do not know
 */
record Operation(int index, int code, String kind, int version, int[] inputs, int[] outputs, Operator table, Fields fields) {

    private static final Operator PLAIN = plain();

    static Operation read(int index, Operator table, OperatorCode code, Fields fields) {
        // Numbers up to 126 are in the old field of one byte, greater ones in the new one.
        int number = Math.max(code.deprecatedBuiltinCode(), code.builtinCode());
        String kind = number == BuiltinOperator.CUSTOM ? String.valueOf(code.customCode()) : Codes.name(number);
        int[] inputs = new int[Fields.checked(table.inputsLength(), Integer.BYTES, table)];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = table.inputs(i);
        }
        int[] outputs = new int[Fields.checked(table.outputsLength(), Integer.BYTES, table)];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = table.outputs(i);
        }
        return new Operation(index, number, kind, code.version(), inputs, outputs, table, fields);
    }

    private static Operator plain() {
        FlatBufferBuilder builder = new FlatBufferBuilder();
        builder.startTable(0);
        int options = builder.endTable();
        Operator.startOperator(builder);
        Operator.addBuiltinOptions(builder, options);
        builder.finish(Operator.endOperator(builder));
        return Operator.getRootAsOperator(builder.dataBuffer());
    }

    /** The options as a table of a kind, with the schema's defaults where they are left out. */
    @SuppressWarnings("unchecked")
    <T extends Table> T options(T as) {
        return (T) (table.builtinOptionsType() == 0 || table.builtinOptions(as) == null ? PLAIN : table).builtinOptions(as);
    }

    /** The options of an operator that is not the schema's, little-endian. */
    ByteBuffer custom() {
        // A copy, since FlexBuffers takes the array below a buffer for all of it.
        byte[] bytes = new byte[Fields.checked(table.customOptionsLength(), 1, table)];
        if (bytes.length > 0) {
            table.customOptionsAsByteBuffer().get(bytes);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The same, as a map. */
    FlexBuffers.Map map() {
        ByteBuffer bytes = custom();
        if (bytes.remaining() < 3) {
            throw new InvalidModelException("bad-tflite", kind, "operator " + index + ", " + kind + ", has no options", "", "");
        }
        return FlexBuffers.getRoot(bytes).asMap();
    }
}
