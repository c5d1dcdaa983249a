"""Chat templates of our own that keep the rules of published ones: which roles they take, in which order, which names
they count on, where they write the beginning of a text."""

from marketing_app.llm.chat_templates import ChatTemplate

_TURNS_ONLY = """
{%- for message in turns -%}
    {%- if (message.role == "user") != (loop.index0 % 2 == 0) -%}
        {{- raise_exception("Turns of user and assistant must alternate") -}}
    {%- endif -%}
{%- endfor -%}"""

_CHATML = """
{%- for message in messages -%}
    {{- "<|im_start|>" + message.role + "\n" -}}
    {%- if message.role == "assistant" -%}
        {%- if message.tool_calls -%}{{- message.tool_calls | tojson -}}{%- endif -%}
        {{- EARLIER_ANSWER -}}
    {%- else -%}
        {{- message.content -}}
    {%- endif -%}
    {{- "<|im_end|>\n" -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- "<|im_start|>assistant\n" -}}
    {%- if enable_thinking is defined and not enable_thinking -%}{{- NO_THOUGHT -}}{%- endif -%}
{%- endif -%}"""
_HELPFUL = '{%- if messages[0].role != "system" -%}<|im_start|>system\nYou help.<|im_end|>\n{%- endif -%}'
_TOOLS = "{%- if tools -%}{%- for tool in tools -%}{{- tool.name -}}{%- endfor -%}{%- endif -%}"

GEMMA_3 = (
    """{{ bos_token }}
{%- set turns = messages -%}{%- set rules = "" -%}
{%- if messages[0].role == "system" -%}
    {%- set rules = messages[0].content + "\n\n" -%}{%- set turns = messages[1:] -%}
{%- endif -%}"""
    + _TURNS_ONLY
    + """
{%- for message in turns -%}
    {{- "<start_of_turn>" + ("model" if message.role == "assistant" else message.role) + "\n" -}}
    {%- if loop.first -%}{{- rules -}}{%- endif -%}
    {%- if message.content is string -%}
        {{- message.content | trim -}}
    {%- elif message.content is iterable -%}
        {%- for part in message.content -%}{{- part.text -}}{%- endfor -%}
    {%- else -%}
        {{- raise_exception("Content of another kind") -}}
    {%- endif -%}
    {{- "<end_of_turn>\n" -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "<start_of_turn>model\n" -}}{%- endif -%}"""
)

MISTRAL_7B = (
    """{{ bos_token }}
{%- set turns = messages -%}"""
    + _TURNS_ONLY
    + """
{%- for message in messages -%}
    {%- if message.role == "user" -%}
        {{- "[INST] " + message.content + " [/INST]" -}}
    {%- elif message.role == "assistant" -%}
        {{- " " + message.content + eos_token -}}
    {%- else -%}
        {{- raise_exception("Only user and assistant") -}}
    {%- endif -%}
{%- endfor -%}"""
)

MISTRAL_SMALL = (
    """{%- set today = strftime_now("%Y-%m-%d") -%}
{%- set turns = messages -%}{%- set rules = "Today is " + today -%}
{%- if messages[0]["role"] == "system" -%}
    {%- set rules = messages[0]["content"] -%}{%- set turns = messages[1:] -%}
{%- endif -%}
{{- bos_token + "[SYSTEM_PROMPT]" + rules + "[/SYSTEM_PROMPT]" -}}"""
    + _TURNS_ONLY
    + """
{%- for message in turns -%}
    {%- if message["role"] == "user" -%}
        {{- "[INST]" + message["content"] + "[/INST]" -}}
    {%- else -%}
        {%- generation -%}{{- message["content"] + eos_token -}}{%- endgeneration -%}
    {%- endif -%}
{%- endfor -%}"""
)

LLAMA_3 = """{{- bos_token -}}
{%- if custom_tools is defined -%}{%- set tools = custom_tools -%}{%- endif -%}
{%- if date_string is not defined -%}
    {%- if strftime_now is defined -%}
        {%- set date_string = strftime_now("%d %b %Y") -%}
    {%- else -%}
        {%- set date_string = "26 Jul 2024" -%}
    {%- endif -%}
{%- endif -%}
{%- set rules = "" -%}{%- set turns = messages -%}
{%- if messages[0].role == "system" -%}
    {%- set rules = messages[0].content | trim -%}{%- set turns = messages[1:] -%}
{%- endif -%}
{{- "<|start_header_id|>system<|end_header_id|>\n\nToday: " + date_string + "\n\n" -}}
{%- if tools is not none -%}{{- "Tools: " + (tools | tojson) -}}{%- endif -%}
{{- rules + "<|eot_id|>" -}}
{%- for message in turns -%}
    {%- if "tool_calls" in message -%}{%- continue -%}{%- endif -%}
    {{- "<|start_header_id|>" + message.role + "<|end_header_id|>\n\n" + (message.content | trim) + "<|eot_id|>" -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "<|start_header_id|>assistant<|end_header_id|>\n\n" -}}{%- endif -%}"""

QWEN_2_5 = _TOOLS + _HELPFUL + _CHATML.replace("EARLIER_ANSWER", "message.content").replace("NO_THOUGHT", '""')

QWEN_3 = (
    """{%- set last = namespace(question=-1) -%}
{%- for message in messages[::-1] -%}
    {%- if last.question < 0 and message.role == "user" and message.content is string
        and not message.content.startswith("<tool_response>") -%}
        {%- set last.question = messages | length - 1 - loop.index0 -%}
    {%- endif -%}
{%- endfor -%}"""
    + _TOOLS
    + _CHATML.replace("EARLIER_ANSWER", 'message.content.split("</think>")[-1].lstrip("\n")').replace(
        "NO_THOUGHT", '"<think>\n\n</think>\n\n"'
    )
)

T_LITE = _HELPFUL.replace("You help.", "Ты помощник.") + QWEN_2_5.replace(_HELPFUL, "")

PUBLISHED = {
    "Gemma 3": ChatTemplate(GEMMA_3, "<bos>", "<eos>"),
    "Mistral 7B": ChatTemplate(MISTRAL_7B, "<s>", "</s>"),
    "Mistral Small": ChatTemplate(MISTRAL_SMALL, "<s>", "</s>"),
    "Llama 3": ChatTemplate(LLAMA_3, "<|begin_of_text|>", "<|eot_id|>"),
    "Qwen 2.5": ChatTemplate(QWEN_2_5, "", "<|im_end|>"),
    "Qwen 3": ChatTemplate(QWEN_3, "", "<|im_end|>"),
    "T-lite": ChatTemplate(T_LITE, "", "<|im_end|>"),
}
ANSWER_BEGINS = {
    "Gemma 3": "<start_of_turn>model\n",
    "Mistral 7B": "[/INST]",
    "Mistral Small": "[/INST]",
    "Llama 3": "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "Qwen 2.5": "<|im_start|>assistant\n",
    "Qwen 3": "<|im_start|>assistant\n<think>\n\n</think>\n\n",
    "T-lite": "<|im_start|>assistant\n",
}
REFUSING = "{{ raise_exception('Nothing is good enough') }}"
